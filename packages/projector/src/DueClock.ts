import { PersonStore } from "@onymous/persons/PersonStore"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Clock, Effect, Schedule } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import { EventLog } from "@onymous/log/EventLog"
import type { Overdue } from "@onymous/persons/PersonStore"

/**
 * The interval between two looks of the clock, and thus the longest delay of a release in a quiet
 * project.
 */
const interval = Schedule.spaced("1 second")

const namespace = Uuid.namespace("0b3f6a52-8d0e-4a53-9a3a-2c6a1f0e7d41")

/** Several clocks give the tick for one due time the same uuid, so the log takes it once. */
const uuidOf = (project: ProjectId, dueAt: number): string =>
  Uuid.v5(`${project}:${dueAt}`, namespace)

const tick = Effect.fnUntraced(function* ({ project, dueAt }: Overdue) {
  const log = yield* EventLog
  const head = yield* log.head(project)
  // A later event already releases the waiting one, once the projector reaches it.
  if (head.recordedAt >= dueAt) return
  const event = { _tag: "Ticked" as const, uuid: uuidOf(project, dueAt) }
  yield* log.append(project, [{ event, payload: "{}" }])
})

/**
 * Appends a tick to every project with a waiting event that is due and no later event, so that none
 * waits for ever (SPEC §4). Several processes may run the clock at once, and it may be off for any
 * time.
 */
export const run: Effect.Effect<never, never, EventLog | ReadModel> = Effect.gen(function* () {
  const store = yield* PersonStore
  const now = yield* Clock.currentTimeMillis
  // A project whose tick fails does not delay the others, and the next round looks at it again.
  const tickIfPossible = (overdue: Overdue) => Effect.ignore(tick(overdue), { log: "Debug" })
  yield* Effect.forEach(yield* store.overdue(now), tickIfPossible, { discard: true })
}).pipe(Effect.ignore({ log: "Debug" }), Effect.repeat(interval), Effect.andThen(Effect.never))
