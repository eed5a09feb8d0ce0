import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"

/** Which part of a log to read: the events that name these distinct ids, up to and including a position. */
export interface PastQuestion {
  readonly project: ProjectId
  readonly ids: ReadonlySet<DistinctId>
  readonly until: Position
}

/** The size of a part of a log, counted up to a bound. */
export interface PastSize {
  readonly events: number
  /** Bytes of their facts. */
  readonly bytes: number
}

/** What a library calls its version is cut after so many characters. */
export const versionLengthMax = 100

/** Which library sent the event at a position, and its version, as far as the event says so. */
export interface Sender {
  readonly position: Position
  readonly library: string
  readonly version: string | undefined
}

/** The position, time and ids of an event, without its facts and payload. */
export interface Mark {
  readonly position: Position
  readonly recordedAt: number
  readonly uuid: string
  readonly ids: ReadonlyArray<DistinctId>
}
