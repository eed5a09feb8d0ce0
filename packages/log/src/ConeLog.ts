import { Effect, Result } from "effect"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Operation, Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { dueTimes } from "@onymous/identity/retraction/DueTimes"
import { EventLog } from "./EventLog.ts"
import { OperationRefused } from "./OperationRefused.ts"

/** Which part of a log to load. */
export interface Wanted<E, R> {
  readonly ids: ReadonlySet<DistinctId>
  readonly until: Position
  /** The positions at which a waiting event of the loaded log may be released; a tick stands in for the event there. */
  readonly ticks: (log: ReadonlyArray<Recorded>) => Effect.Effect<ReadonlyArray<Position>, E, R>
}

/** All events about some ids up to a position, with ticks where waiting events may be released. */
export const load = Effect.fn("ConeLog.load")(function* <E, R>(
  project: ProjectId,
  { ids, until, ticks }: Wanted<E, R>,
) {
  const log = yield* EventLog
  const events = yield* log.readOf({ project, ids, until })
  const atTicks = yield* log.marksAt(project, yield* ticks(events))
  return ConePast.withTicks(events, atTicks, until)
})

/** The positions of the whole log at which events that may wait in one of these logs would be released. */
export const releases = Effect.fn("ConeLog.releases")(function* (
  project: ProjectId,
  variants: ReadonlyArray<ReadonlyArray<Recorded>>,
) {
  const log = yield* EventLog
  const times = new Set(variants.flatMap((variant) => dueTimes(Presets.page, variant)))
  return yield* log.firstAt(project, [...times])
})

/** The past of a cone that a retraction reads; undefined for a page that is no retraction. */
export const ofPage = Effect.fnUntraced(function* <E, R>(
  project: ProjectId,
  [first]: ReadonlyArray<Recorded>,
  conesOf: (ids: ReadonlySet<DistinctId>) => Effect.Effect<ReadonlySet<DistinctId>, E, R>,
) {
  if (first?.event._tag !== "Retracted") return undefined
  const ids = yield* conesOf(Identity.touched([first]))
  const log = yield* load(project, {
    ids,
    until: first.position,
    ticks: (events) => releases(project, [events]),
  })
  return ConePast.pastFrom(Presets.page, log, ids, first)
})

const notRetractable = (expected: string) =>
  Result.fail(new OperationRefused({ field: "event_uuid", expected }))

/** The event, if it can be retracted and is not yet, given the past of its ids; else why not (SPEC §8). */
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

/** An event that can be retracted, and how often it was retracted, and restored, before. */
interface Retractable {
  readonly event: Captured | Operation
  readonly retractions: number
}

/** The event with a uuid, if it can be retracted and is not yet. */
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
  const event = yield* Effect.fromResult(retractableIn(past, recorded))
  const earlier = past.filter(
    ({ event: each }) => each._tag === "Retracted" && each.eventUuid === event.uuid,
  )
  const found: Retractable = { event, retractions: earlier.length }
  return found
})
