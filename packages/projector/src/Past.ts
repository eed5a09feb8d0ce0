import { Effect } from "effect"
import * as EffectiveLog from "@onymous/identity/EffectiveLog"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/Policy"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Retraction from "@onymous/identity/Retraction"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "./Persons.ts"

/** Which part of the past is wanted. */
export interface Wanted {
  readonly ids: ReadonlySet<DistinctId>
  readonly until: Position
  /** Positions at which time has passed, whosever event lies there. */
  readonly moments?: ReadonlyArray<Position>
  /** The logs that will be folded: what waits in them is released where it would be in the whole log. */
  readonly variants: (log: ReadonlyArray<Recorded>) => ReadonlyArray<ReadonlyArray<Recorded>>
}

/** All that was said of some ids up to a position, from the log, with the ticks that it needs. */
export const load = Effect.fn("Past.load")(function* (
  project: ProjectId,
  { ids, until, moments = [], variants }: Wanted,
) {
  const log = yield* EventLog
  const past = { ids, policy: Policy.page, log: yield* log.readOf({ project, ids, until }) }
  const passed = yield* log.readAt(project, moments)
  const timed = Retraction.withTicks(past, passed, until)
  const dues = Retraction.dues(project, past.policy, variants(timed.log))
  const firsts = yield* log.firstAt(project, dues)
  const ticks = firsts.flatMap((position, index) => {
    const recordedAt = dues[index]
    return recordedAt === undefined ? [] : [{ position, recordedAt }]
  })
  return Retraction.withTicks(timed, ticks, until)
})

/** The past of a page that is a retraction; other pages need none. */
export const ofPage = Effect.fnUntraced(function* <E, R>(
  { project }: Checkpoint,
  [first]: ReadonlyArray<Recorded>,
  conesOf: (ids: ReadonlySet<DistinctId>) => Effect.Effect<ReadonlySet<DistinctId>, E, R>,
) {
  if (first?.event._tag !== "Retracted") return undefined
  const ids = yield* conesOf(Identity.touched([first]))
  return yield* load(project, { ids, until: first.position, variants: EffectiveLog.bothOf })
})
