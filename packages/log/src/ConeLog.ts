import { Effect, Result } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Operation, Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { EventLog } from "./EventLog.ts"
import { OperationRefused } from "./OperationRefused.ts"

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
export const load = Effect.fn("ConeLog.load")(function* (
  project: ProjectId,
  { ids, until, moments = [], variants }: Wanted,
) {
  const log = yield* EventLog
  const past = { ids, policy: Presets.page, log: yield* log.readOf({ project, ids, until }) }
  const passed = yield* log.readAt(project, moments)
  const timed = ConePast.withTicks(past, passed, until)
  const dues = ConePast.dues(project, past.policy, variants(timed.log))
  const firsts = yield* log.firstAt(project, dues)
  const ticks = firsts.flatMap((position, index) => {
    const recordedAt = dues[index]
    return recordedAt === undefined ? [] : [{ position, recordedAt }]
  })
  return ConePast.withTicks(timed, ticks, until)
})

/** The past of a page that is a retraction; other pages need none. */
export const ofPage = Effect.fnUntraced(function* <E, R>(
  project: ProjectId,
  [first]: ReadonlyArray<Recorded>,
  conesOf: (ids: ReadonlySet<DistinctId>) => Effect.Effect<ReadonlySet<DistinctId>, E, R>,
) {
  if (first?.event._tag !== "Retracted") return undefined
  const ids = yield* conesOf(Identity.touched([first]))
  return yield* load(project, { ids, until: first.position, variants: EffectiveLog.bothOf })
})

const notRetractable = (expected: string) =>
  Result.fail(new OperationRefused({ field: "event_uuid", expected }))

/** The event, if it can be undone and is not yet, given what its log says of its id; else why not (SPEC §8). */
export const retractableIn = (
  past: ReadonlyArray<Recorded>,
  recorded: Recorded | undefined,
): Result.Result<Captured | Operation, OperationRefused> => {
  if (recorded === undefined) return notRetractable("the uuid of an event in the log")
  const { event } = recorded
  if (!("distinctId" in event)) {
    return notRetractable("an event about a person: rules are changed back")
  }
  return EffectiveLog.undone(past).has(event.uuid)
    ? notRetractable("an event that is not undone yet: retract its retraction")
    : Result.succeed(event)
}

/** The same, by its uuid. */
export const retractable = Effect.fn("ConeLog.retractable")(function* (
  project: ProjectId,
  eventUuid: string,
) {
  const log = yield* EventLog
  const position = yield* log.positionOf(project, eventUuid)
  const [recorded] = position === undefined ? [] : yield* log.readAt(project, [position])
  const { position: until } = yield* log.head(project)
  const ids = Identity.touched(recorded === undefined ? [] : [recorded])
  const past = ids.size === 0 ? [] : yield* log.readOf({ project, ids, until })
  return yield* Effect.fromResult(retractableIn(past, recorded))
})
