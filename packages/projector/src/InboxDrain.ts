import { Effect, Schedule, Stream } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"

/** The poll finds the events of lost hints. */
const poll = Schedule.spaced("1 second")

/**
 * Gives events that wait for a place in the log theirs, as soon as they are committed. Several processes may do so
 * at once: the log lets one do it at a time.
 */
export const run: Effect.Effect<never, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog
  // A project that is busy does not delay the others, and the next look finds it again.
  const drain = (project: ProjectId) => Effect.ignore(log.drain(project), { log: "Debug" })
  const look = Effect.flatMap(log.inboxes, (projects) =>
    Effect.forEach(projects, drain, { discard: true }),
  ).pipe(Effect.withTracerEnabled(false), Effect.ignore({ log: "Debug" }))
  return yield* Effect.raceFirst(
    Effect.andThen(
      Stream.runForEach(log.arrived, () => look),
      Effect.never,
    ),
    Effect.andThen(Effect.repeat(look, poll), Effect.never),
  )
})
