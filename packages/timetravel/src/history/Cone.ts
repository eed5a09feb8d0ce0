import { Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { dueTimes } from "@onymous/identity/retraction/DueTimes"
import * as ConeLog from "@onymous/log/ConeLog"
import { EventLog } from "@onymous/log/EventLog"
import * as DatabaseHistory from "./DatabaseHistory.ts"

/** The largest part of a log that is read of a cone. */
export interface Limits {
  readonly eventsMax: number
  readonly bytesMax: number
}

/** The cones of some ids, and their part of the log. */
export interface Cone {
  readonly ids: ReadonlySet<DistinctId>
  /** The number of events that name the ids, changes of policy included; counted up to one more than the limit. */
  readonly events: number
  readonly bytes: number
  /** The position up to which the log is read. */
  readonly until: Position
  readonly logId: string
  /** The log for `History.build`; undefined where it exceeds the limits. */
  readonly log: ReadonlyArray<Recorded> | undefined
}

/** The times at which a waiting event may be due, even with one event of the log left out. */
const timesOf = (events: ReadonlyArray<Recorded>): ReadonlyArray<number> =>
  dueTimes(Presets.page, events, undefined, 1)

/**
 * Reads the cones of some ids for a fold elsewhere, as in the browser. The log has a tick at every position at which a
 * waiting event may be released, even with one event of the log left out.
 */
export const read = Effect.fn("Cone.read")(function* (
  project: ProjectId,
  ids: ReadonlySet<DistinctId>,
  { eventsMax, bytesMax }: Limits,
) {
  const log = yield* EventLog
  const { logId } = yield* log.head(project)
  const { cones, until } = yield* DatabaseHistory.conesOf(project, ids)
  const size = yield* log.sizeOf({ project, ids: cones, until, max: eventsMax })
  const cone: Cone = { ids: cones, ...size, until, logId, log: undefined }
  if (size.events > eventsMax || size.bytes > bytesMax) return cone
  const part = yield* ConeLog.load(project, {
    ids: cones,
    until,
    ticks: (events) =>
      Effect.map(log.firstAt(project, timesOf(events)), (positions) =>
        until === 0 ? [] : [...positions, until],
      ),
  })
  return { ...cone, log: part }
})
