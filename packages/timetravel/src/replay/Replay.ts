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
import * as StateHash from "@onymous/identity/state/StateHash"
import * as EventTime from "@onymous/identity/rules/EventTime"
import { type Added, type BadLine, FileLog } from "./FileLog.ts"
import type { Replayed, ReplayedEvent, ReplayedPerson, ReplayedWarning } from "./ReplayedFile.ts"

export type { Replayed } from "./ReplayedFile.ts"

interface Project {
  readonly identity: Identity.Identity
  /** Its events by position. */
  readonly events: Map<Position, Seen>
  /** The line of each position. */
  readonly lines: Map<Position, number>
}

/** An event as it was stamped; whose it is now is asked at the end. */
interface Seen {
  readonly project: Project
  readonly line: number
  /** Where it was processed: past its own, where it had waited. */
  position: Position
  readonly recordedAt: number
  readonly event: Captured
  status: ReplayedEvent["status"]
  stamped: string | null
  isBuffered: boolean
  timestamp: number
}

/** Folds lines of events in memory (DESIGN §7): no server, no database, no clock. */
export class Replay {
  readonly #policy: Policy.Policy
  readonly #projects = new Map<ProjectId, Project>()
  readonly #events: Array<readonly [line: number, Seen]> = []
  readonly #warnings: Array<ReplayedWarning> = []
  readonly #file = new FileLog()
  #position = 0

  constructor(policy: Policy.Policy = Presets.page) {
    this.#policy = policy
  }

  /** How many lines were folded. */
  get position(): number {
    return this.#position
  }

  /** Folds the next line of the file; a blank one counts for the numbering only. */
  add(text: string): Result.Result<void, BadLine> {
    return Result.map(this.#file.add(text), (added) => {
      if (added === undefined) return
      this.#position += 1
      this.#record(this.#project(added.project), added)
    })
  }

  /** What the lines so far come to. */
  result(): Replayed {
    const projects = [...this.#projects].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const hash = projects.reduce(
      (sum, [, { identity }]) => StateHash.add(sum, Identity.settle(identity)),
      StateHash.zero,
    )
    return {
      position: this.#position,
      state_hash: StateHash.toText(hash),
      persons: projects.flatMap(([, { identity }]) => personsOf(identity)),
      events: this.#events.map(([line, seen]) => toEvent(line, seen)),
      warnings: this.#warnings,
    }
  }

  #project(id: ProjectId): Project {
    const known = this.#projects.get(id)
    if (known !== undefined) return known
    const project = {
      identity: Identity.empty(id, this.#policy),
      events: new Map<Position, Seen>(),
      lines: new Map<Position, number>(),
    }
    this.#projects.set(id, project)
    return project
  }

  /** The log takes an event once: a repeated line is the event that it repeats, and nothing else. */
  #record(project: Project, { line, recorded, isRepeated, log }: Added): void {
    const { position, recordedAt, event } = recorded
    if (!isRepeated) {
      const { policy } = project.identity
      project.lines.set(position, line)
      const past = ConePast.pastOf(project.identity, this.#policy, log, recorded)
      const changes = Identity.fold(project.identity, [recorded], past)
      if (event._tag === "Captured") {
        project.events.set(position, seenAs(project, { line, position, recordedAt, event }))
      }
      for (const change of changes) this.#follow(project, change, policy)
    }
    const seen = project.events.get(position)
    if (seen !== undefined) this.#events.push([line, seen])
  }

  #revoke({ identity, lines }: Project, event: Position): void {
    const line = lines.get(event)
    const isKept = (warning: ReplayedWarning) =>
      warning.project !== identity.project || warning.line !== line
    const kept = this.#warnings.filter(isKept)
    this.#warnings.splice(0, this.#warnings.length, ...kept)
  }

  /** What was released was so before the line, under the policy from before it. */
  #follow(project: Project, change: Change, policy: Policy.Policy): void {
    switch (change._tag) {
      case "Warned": {
        const { type, details, position } = change.warning
        const line = project.lines.get(position) ?? 0
        this.#warnings.push({ project: project.identity.project, type, details, line })
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
        return this.#revoke(project, change.event)
    }
  }
}

/** An event as it stands right after its own line. */
const seenAs = (
  project: Project,
  at: Pick<Seen, "line" | "position" | "recordedAt" | "event">,
): Seen => {
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

const hold = (seen: Seen | undefined): void => {
  if (seen === undefined) return
  seen.status = "pending"
  seen.stamped = null
  seen.isBuffered = true
}

const release = (
  seen: Seen | undefined,
  { position, personId }: Pick<Extract<Change, { _tag: "Released" }>, "position" | "personId">,
  policy: Policy.Policy,
): void => {
  // What was dropped stays as it was.
  if (seen?.status !== "pending") return
  const { event, recordedAt } = seen
  seen.stamped = personId ?? null
  seen.position = position
  seen.timestamp = EventTime.of(event, recordedAt, policy.timestamp_rules)
  seen.status = Personless.isPersonless(policy, event) ? "personless" : "attributed"
}

const drop = (seen: Seen | undefined): void => {
  if (seen === undefined) return
  seen.status = "dropped"
  seen.stamped = null
}

const givenUuid = ({ uuid, facts }: Captured): string =>
  typeof facts.invalidUuid === "string" ? facts.invalidUuid : uuid

/** Whose an event is now: nobody's where it waits, was dropped, or its person was deleted since. */
const ownerOf = ({ project, event, position, status }: Seen): string | null => {
  if (status === "dropped" || status === "pending") return null
  if (position <= (project.identity.goneAt.get(event.distinctId) ?? 0)) return null
  return Identity.personOf(project.identity, event.distinctId)?.id ?? null
}

const toEvent = (line: number, seen: Seen): ReplayedEvent => ({
  line,
  uuid: givenUuid(seen.event),
  status: seen.status,
  person_id: ownerOf(seen),
  stamped_person_id: seen.stamped,
  timestamp: new Date(seen.timestamp).toISOString(),
  buffered: seen.isBuffered,
})

/** By first distinct id. */
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
