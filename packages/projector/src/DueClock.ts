import { PersonStore } from "@onymous/persons/PersonStore"
import type { ReadModel } from "@onymous/persons/ReadModel"
import { Clock, Effect, Schedule } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import { EventLog } from "@onymous/log/EventLog"
import type { Overdue } from "@onymous/persons/PersonStore"

/** How often the clock looks: a quiet project's events are released this late at most. */
const interval = Schedule.spaced("1 second")

const namespace = Uuid.namespace("0b3f6a52-8d0e-4a53-9a3a-2c6a1f0e7d41")

/** The log takes one tick of several clocks that see the same event due, because their ticks have the same uuid. */
const uuidOf = (project: ProjectId, dueAt: number): string =>
  Uuid.v5(`${project}:${dueAt}`, namespace)

const tick = Effect.fnUntraced(function* ({ project, dueAt }: Overdue) {
  const log = yield* EventLog
  const head = yield* log.head(project)
  // A later event releases it: the projector only has to get there.
  if (head.recordedAt >= dueAt) return
  const event = { _tag: "Ticked" as const, uuid: uuidOf(project, dueAt) }
  yield* log.append(project, [{ event, payload: "{}" }])
})

/**
 * Appends a tick to every project in which an event is due and no event has come since, so that none waits
 * for ever (SPEC §4). The clock may run in several processes at once, or be away for long.
 */
export const run: Effect.Effect<never, never, EventLog | ReadModel> = Effect.gen(function* () {
  const store = yield* PersonStore
  const now = yield* Clock.currentTimeMillis
  // A project whose tick fails does not keep the others waiting.
  const tickOrWarn = (overdue: Overdue) => Effect.ignore(tick(overdue), { log: "Warn" })
  yield* Effect.forEach(yield* store.overdue(now), tickOrWarn, { discard: true })
}).pipe(Effect.ignore({ log: "Warn" }), Effect.repeat(interval), Effect.andThen(Effect.never))
