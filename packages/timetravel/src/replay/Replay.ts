import { Result } from "effect"
import type { Change } from "@onymous/identity/state/Change"
import type { Captured } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Personless from "@onymous/identity/rules/Personless"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { LogById } from "@onymous/identity/retraction/LogById"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as EventTime from "@onymous/identity/rules/EventTime"
import { type LogLine, type BadLine, FileLog } from "./FileLog.ts"
import type {
  ReplayedFile,
  ReplayedEvent,
  ReplayedPerson,
  ReplayedWarning,
} from "./ReplayedFile.ts"

export type { ReplayedFile } from "./ReplayedFile.ts"

interface Project {
  readonly identity: Identity.Identity
  readonly past: LogById
  /** The project's client events by position. */
  readonly events: Map<Position, EventEntry>
  /** The line of each event, by position. */
  readonly lines: Map<Position, number>
  /** The warnings that hold, by the position of their event. */
  readonly warnings: Map<Position, Array<ReplayedWarning>>
}

/** An event and its stamp; the person that owns it is looked up when the result is made. */
interface EventEntry {
  readonly project: Project
  readonly line: number
  /** The position of its processing: after its own where the event waited. */
  position: Position
  readonly recordedAt: number
  readonly event: Captured
  status: ReplayedEvent["status"]
  stamped: string | null
  isBuffered: boolean
  timestamp: number
}

/** Folds the lines of a file in memory (DESIGN §7), without a server, a database or a clock. */
export class Replay {
  readonly #policy: Policy.Policy
  readonly #projects = new Map<ProjectId, Project>()
  readonly #events: Array<readonly [line: number, EventEntry]> = []
  readonly #warnings = new Set<ReplayedWarning>()
  readonly #file = new FileLog()
  #position = 0

  constructor(policy: Policy.Policy = Presets.page) {
    this.#policy = policy
  }

  /** Lines folded. */
  get position(): number {
    return this.#position
  }

  /** Folds the next line of the file; a blank line only counts for the numbering. */
  add(text: string): Result.Result<void, BadLine> {
    return Result.map(this.#file.add(text), (added) => {
      if (added === undefined) return
      this.#position += 1
      this.#record(this.#project(added), added)
    })
  }

  /** The persons, events and warnings after the lines folded so far. */
  result(): ReplayedFile {
    const projects = [...this.#projects].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const hash = projects.reduce(
      (sum, [, { identity }]) => StateHash.add(sum, Identity.settle(identity)),
      StateHash.zero,
    )
    return {
      position: this.#position,
      state_hash: StateHash.toText(hash),
      persons: projects.flatMap(([, { identity }]) => personsOf(identity)),
      events: this.#events.map(([line, entry]) => toEvent(line, entry)),
      warnings: [...this.#warnings],
    }
  }

  #project({ project: id, log }: LogLine): Project {
    const known = this.#projects.get(id)
    if (known !== undefined) return known
    const project = {
      identity: Identity.empty(id, this.#policy),
      past: new LogById(log),
      events: new Map<Position, EventEntry>(),
      lines: new Map<Position, number>(),
      warnings: new Map<Position, Array<ReplayedWarning>>(),
    }
    this.#projects.set(id, project)
    return project
  }

  /** Folds a new event; a line with the uuid of an earlier one changes nothing, because the earlier event stands. */
  #record(project: Project, { line, recorded, isRepeated }: LogLine): void {
    const { position, recordedAt, event } = recorded
    if (!isRepeated) {
      const { policy } = project.identity
      project.lines.set(position, line)
      const past = ConePast.pastOf(project.identity, this.#policy, project.past, recorded)
      const changes = Identity.fold(project.identity, [recorded], past)
      if (event._tag === "Captured") {
        project.events.set(position, entryOf(project, { line, position, recordedAt, event }))
      }
      for (const change of changes) this.#follow(project, change, policy)
    }
    const entry = project.events.get(position)
    if (entry !== undefined) {
      this.#events.push([line, isRepeated ? { ...entry, ...duplicate } : entry])
    }
  }

  /**
   * Updates events and warnings by a change. `policy` is the policy before the line, under which
   * its releases happen.
   */
  #follow(project: Project, change: Change, policy: Policy.Policy): void {
    switch (change._tag) {
      case "Warned": {
        const { type, details, position } = change.warning
        const line = project.lines.get(position) ?? 0
        const warning = { project: project.identity.project, type, details, line }
        this.#warnings.add(warning)
        const ofEvent = project.warnings.get(position)
        if (ofEvent === undefined) project.warnings.set(position, [warning])
        else ofEvent.push(warning)
        return
      }
      case "Held":
        return hold(project.events.get(change.position))
      case "Released":
        return release(project.events.get(change.event), change, policy)
      case "Dropped":
        return drop(project.events.get(change.event))
      case "Unheld":
        return release(project.events.get(change.waiting.position), change, policy)
      case "WarningsRevoked":
        for (const warning of project.warnings.get(change.event) ?? []) {
          this.#warnings.delete(warning)
        }
        project.warnings.delete(change.event)
        return
    }
  }
}

/** An event with its stamp right after its own line. */
const entryOf = (
  project: Project,
  at: Pick<EventEntry, "line" | "position" | "recordedAt" | "event">,
): EventEntry => {
  const { identity } = project
  const { event, recordedAt } = at
  const isPersonless = Personless.isPersonless(identity.policy, event)
  const person = Identity.personOf(identity, event.distinctId)?.id
  return {
    project,
    ...at,
    status: isPersonless ? "personless" : "attributed",
    stamped: person ?? (isPersonless ? Identity.nextPersonId(identity, event.distinctId) : null),
    isBuffered: false,
    timestamp: EventTime.of(event, recordedAt, identity.policy.timestamp_rules),
  }
}

/** The entry of a line whose uuid an earlier event has. */
const duplicate = { status: "duplicate", stamped: null, isBuffered: false } as const

const hold = (entry: EventEntry | undefined): void => {
  if (entry === undefined) return
  entry.status = "pending"
  entry.stamped = null
  entry.isBuffered = true
}

const release = (
  entry: EventEntry | undefined,
  { position, personId }: Pick<Extract<Change, { _tag: "Released" }>, "position" | "personId">,
  policy: Policy.Policy,
): void => {
  // A dropped event keeps its status.
  if (entry?.status !== "pending") return
  const { event, recordedAt } = entry
  entry.stamped = personId ?? null
  entry.position = position
  entry.timestamp = EventTime.of(event, recordedAt, policy.timestamp_rules)
  entry.status = Personless.isPersonless(policy, event) ? "personless" : "attributed"
}

const drop = (entry: EventEntry | undefined): void => {
  if (entry === undefined) return
  entry.status = "dropped"
  entry.stamped = null
}

const givenUuid = ({ uuid, facts }: Captured): string =>
  typeof facts.invalidUuid === "string" ? facts.invalidUuid : uuid

/**
 * The person that owns an event now: null for a waiting or dropped event, for an id without a
 * person, and after the person's deletion.
 */
const ownerOf = ({ project, event, position, status }: EventEntry): string | null => {
  if (status !== "attributed" && status !== "personless") return null
  if (position <= (project.identity.goneAt.get(event.distinctId) ?? 0)) return null
  return Identity.personOf(project.identity, event.distinctId)?.id ?? null
}

const toEvent = (line: number, entry: EventEntry): ReplayedEvent => ({
  line,
  uuid: givenUuid(entry.event),
  status: entry.status,
  person_id: ownerOf(entry),
  stamped_person_id: entry.stamped,
  timestamp: new Date(entry.timestamp).toISOString(),
  buffered: entry.isBuffered,
})

/** Sorted by first distinct id. */
const personsOf = (identity: Identity.Identity): ReadonlyArray<ReplayedPerson> =>
  [...Identity.components(identity)]
    .map(({ person, members }) => ({
      project: identity.project,
      person_id: person.id,
      distinct_ids: members.toSorted(),
      properties: person.properties,
      is_identified: person.isIdentified,
      created_at: new Date(person.createdAt).toISOString(),
      version: person.version,
    }))
    .toSorted((a, b) => ((a.distinct_ids[0] ?? "") < (b.distinct_ids[0] ?? "") ? -1 : 1))
