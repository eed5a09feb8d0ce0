import { Effect } from "effect"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/Policy"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Retraction from "@onymous/identity/Retraction"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "./Persons.ts"

/** All that was said of the ids of some cones up to a position, from the log. */
export const load = Effect.fn("Past.load")(function* (
  project: ProjectId,
  ids: ReadonlySet<DistinctId>,
  until: Position,
) {
  const log = yield* EventLog
  const past = {
    ids,
    policy: Policy.page,
    log: yield* log.readOf({ project, ids, until }),
  }
  const dues = Retraction.dues(project, past)
  const firsts = yield* log.firstAt(project, dues)
  const ticks = firsts.flatMap((position, index) => {
    const recordedAt = dues[index]
    return recordedAt === undefined ? [] : [{ position, recordedAt }]
  })
  return Retraction.withTicks(past, ticks)
})

/** The past of a page that is a retraction; other pages need none. */
export const ofPage = Effect.fnUntraced(function* <E, R>(
  { project }: Checkpoint,
  [first]: ReadonlyArray<Recorded>,
  conesOf: (ids: ReadonlySet<DistinctId>) => Effect.Effect<ReadonlySet<DistinctId>, E, R>,
) {
  if (first?.event._tag !== "Retracted") return undefined
  return yield* load(project, yield* conesOf(Identity.touched([first])), first.position)
})
