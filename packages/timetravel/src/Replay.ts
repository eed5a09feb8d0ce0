import { Result } from "effect"
import type { Change } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Captured, Event } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import type { JsonObject } from "@onymous/identity/Json"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import * as Timestamp from "@onymous/identity/Timestamp"
import * as EventLine from "@onymous/log/EventLine"

/** What a file of events comes to: the stable form that `onymous replay --json` prints. */
export interface Replayed {
  /** Lines folded. */
  readonly position: number
  readonly state_hash: string
  readonly persons: ReadonlyArray<ReplayedPerson>
  readonly events: ReadonlyArray<ReplayedEvent>
  readonly warnings: ReadonlyArray<ReplayedWarning>
}

export interface ReplayedPerson {
  readonly project: string
  readonly person_id: string
  readonly distinct_ids: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly is_identified: boolean
  readonly created_at: string
  readonly version: number
}

export interface ReplayedEvent {
  readonly line: number
  readonly uuid: string
  readonly status: "attributed" | "pending" | "dropped" | "personless"
  readonly person_id: string | null
  readonly stamped_person_id: string | null
  readonly timestamp: string
  readonly buffered: boolean
}

export interface ReplayedWarning {
  readonly project: string
  readonly type: string
  readonly details: JsonObject
  readonly line: number
}

/** A line that could not be folded: its 1-based number, and why. */
export interface BadLine {
  readonly line: number
  readonly reason: string
}

interface Project {
  readonly identity: Identity.Identity
  readonly uuids: Map<string, Seen>
  recordedAt: number
}

/** An event as it was stamped; whose it is now is asked at the end. */
interface Seen {
  readonly project: Project
  readonly line: number
  readonly event: Captured
  readonly timestamp: number
  readonly dropped: boolean
  readonly stamped: string | null
}

/** Folds lines of events in memory (DESIGN §7): no server, no database, no clock. */
export class Replay {
  readonly #policy: Policy.Policy
  readonly #projects = new Map<ProjectId, Project>()
  readonly #events: Array<Seen> = []
  readonly #warnings: Array<ReplayedWarning> = []
  #position = 0
  #line = 0

  constructor(policy: Policy.Policy = Policy.page) {
    this.#policy = policy
  }

  /** How many lines were folded. */
  get position(): number {
    return this.#position
  }

  /** Folds the next line of the file; a blank one counts for the numbering only. */
  add(text: string): Result.Result<void, BadLine> {
    const line = this.#line++
    const decoded = EventLine.decodeLine(text, line)
    const bad = (reason: string) => Result.fail({ line: line + 1, reason })
    if (Result.isFailure(decoded)) {
      return bad(`${decoded.failure.field}: expected ${decoded.failure.expected}`)
    }
    const read = decoded.success
    if (read._tag === "Blank") return Result.void
    this.#position += 1
    switch (read._tag) {
      case "Api":
        return bad(`api: "${read.command}" cannot be replayed yet`)
      case "Advance": {
        const project = this.#project(read.project)
        project.recordedAt = Math.max(project.recordedAt, read.to)
        return Result.void
      }
      case "Policy":
      case "Event":
        this.#record(read.project, line, read.incoming.event, read.incoming.recordedAt)
        return Result.void
    }
  }

  /** What the lines so far come to. */
  result(): Replayed {
    const projects = [...this.#projects].toSorted(([a], [b]) => (a < b ? -1 : 1))
    const hash = projects.reduce(
      (sum, [, { identity }]) => StateHash.add(sum, Identity.settle(identity)),
      0n,
    )
    return {
      position: this.#position,
      state_hash: StateHash.toText(hash),
      persons: projects.flatMap(([, { identity }]) => personsOf(identity)),
      events: this.#events.map(toEvent),
      warnings: this.#warnings,
    }
  }

  #project(id: ProjectId): Project {
    const known = this.#projects.get(id)
    if (known !== undefined) return known
    const project = {
      identity: Identity.empty(id, this.#policy),
      uuids: new Map<string, Seen>(),
      recordedAt: Number.NEGATIVE_INFINITY,
    }
    this.#projects.set(id, project)
    return project
  }

  #record(id: ProjectId, line: number, event: Event, receivedAt: number): void {
    const project = this.#project(id)
    const recordedAt = Math.max(project.recordedAt, receivedAt)
    project.recordedAt = recordedAt
    // The log takes a uuid once: a repeated line is the event that it repeats.
    const known = event._tag === "Captured" && project.uuids.get(event.uuid)
    if (known) {
      this.#events.push({ ...known, line })
      return
    }
    const position = Position(project.identity.position + 1)
    const changes = Identity.fold(project.identity, [{ position, recordedAt, event }])
    for (const change of changes) this.#warn(id, line, change)
    if (event._tag !== "Captured") return
    const dropped = changes.some((change) => change._tag === "Dropped")
    const stamped = dropped ? null : personIdOf(project, event.distinctId)
    const timestamp = Timestamp.of(event, recordedAt)
    const seen: Seen = { project, line, event, timestamp, dropped, stamped }
    project.uuids.set(event.uuid, seen)
    this.#events.push(seen)
  }

  #warn(project: ProjectId, line: number, change: Change): void {
    if (change._tag !== "Warned") return
    const { type, details } = change.warning
    this.#warnings.push({ project, type, details, line })
  }
}

const personIdOf = (project: Project, id: DistinctId): string | null =>
  Identity.personOf(project.identity, id)?.id ?? null

const givenUuid = ({ uuid, facts }: Captured): string =>
  typeof facts.invalidUuid === "string" ? facts.invalidUuid : uuid

const toEvent = (seen: Seen): ReplayedEvent => ({
  line: seen.line,
  uuid: givenUuid(seen.event),
  status: seen.dropped ? "dropped" : "attributed",
  person_id: seen.dropped ? null : personIdOf(seen.project, seen.event.distinctId),
  stamped_person_id: seen.stamped,
  timestamp: new Date(seen.timestamp).toISOString(),
  buffered: false,
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
