import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"

/** Which part of the past to read: all that names these distinct ids, up to and with a position. */
export interface PastQuestion {
  readonly project: ProjectId
  readonly ids: ReadonlySet<DistinctId>
  readonly until: Position
}

/** How much a part of the past is, counted up to a bound. */
export interface PastSize {
  readonly events: number
  /** Bytes of what identity reads of them beside their ids. */
  readonly bytes: number
}

/** An event by its place, time and ids, without anything that its client said beside. */
export interface Mark {
  readonly position: Position
  readonly recordedAt: number
  readonly uuid: string
  readonly ids: ReadonlyArray<DistinctId>
}
