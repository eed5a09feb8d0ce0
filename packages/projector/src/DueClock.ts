import { PersonStore } from "@onymous/persons/PersonStore"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Effect, Schedule } from "effect"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import { EventLog, type Head } from "@onymous/log/EventLog"
import type { Overdue } from "@onymous/persons/PersonStore"

/**
 * The interval between two looks of the clock, and thus the longest delay of a release in a quiet
 * project.
 */
const interval = Schedule.spaced("1 second")

const namespace = Uuid.namespace("0b3f6a52-8d0e-4a53-9a3a-2c6a1f0e7d41")

/**
 * The uuid of a tick. Clients cannot guess it, because they do not know the log's id. Several clocks give the tick for
 * one due time after one event the same uuid, so the log takes it once. The position is part of it, because an earlier
 * tick may have been appended at a time short of the due time, and then another one is needed.
 */
const uuidOf = ({ logId, position }: Head, dueAt: number): string =>
  Uuid.v5(`${logId}:${dueAt}:${position}`, namespace)

const tick = Effect.fnUntraced(function* ({ project, dueAt, now }: Overdue) {
  const log = yield* EventLog
  const head = yield* log.head(project)
  // A later event already releases the waiting one, once the projector reaches it.
  if (head.recordedAt >= dueAt) return
  const event = { _tag: "Ticked" as const, uuid: uuidOf(head, dueAt) }
  // The time of the clock by which the event is due, because that of this process may be behind.
  yield* log.append(project, [{ event, payload: "{}", recordedAt: now }])
})

/**
 * Appends a tick to every project with a waiting event that is due and no later event, so that none
 * waits for ever (SPEC §4). Several processes may run the clock at once, and it may be off for any
 * time.
 */
export const run: Effect.Effect<never, never, EventLog | ReadModel> = Effect.gen(function* () {
  const store = yield* PersonStore
  // A project whose tick fails does not delay the others, and the next round looks at it again.
  const tickIfPossible = (overdue: Overdue) => Effect.ignore(tick(overdue), { log: "Debug" })
  const overdue = yield* Effect.withTracerEnabled(store.overdue, false)
  yield* Effect.forEach(overdue, tickIfPossible, { discard: true })
}).pipe(Effect.ignore({ log: "Debug" }), Effect.repeat(interval), Effect.andThen(Effect.never))
