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

/** The most that is read of a cone. */
export interface Limits {
  readonly eventsMax: number
  readonly bytesMax: number
}

/** All that the log says of the ids that events have named together with one. */
export interface Cone {
  readonly ids: ReadonlySet<DistinctId>
  /** How many events name them, changes of policy among these; one more than the limit where it is more. */
  readonly events: number
  readonly bytes: number
  /** The position up to which it is told. */
  readonly until: Position
  readonly logId: string
  /** What `History.build` folds; undefined where that is more than the limits. */
  readonly log: ReadonlyArray<Recorded> | undefined
}

/** At these times something may be due, also where one event of a log is left out. */
const timesOf = (said: ReadonlyArray<Recorded>): ReadonlyArray<number> =>
  dueTimes(Presets.page, said, undefined, 1)

/**
 * The cones of some ids for whoever folds them elsewhere: with the events comes the time that passed for others, at
 * every position at which something of these may be released, whichever one of them is left out.
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
    ticks: (said) =>
      Effect.map(log.firstAt(project, timesOf(said)), (positions) =>
        until === 0 ? [] : [...positions, until],
      ),
  })
  return { ...cone, log: part }
})
