import { Effect, Schedule, Stream } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"

/** The poll finds the events of lost hints. */
const poll = Schedule.spaced("1 second")

/**
 * Appends the events of all inboxes soon after their commit, for ever. Several processes may run it, because the log
 * drains an inbox for one of them at a time.
 */
export const run: Effect.Effect<never, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog
  // A project that is busy does not delay the others, and the next look finds it again.
  const drain = (project: ProjectId) =>
    log.drain(project).pipe(
      Effect.map(({ hasMore }) => hasMore),
      Effect.catch((error) => Effect.as(Effect.logDebug(error), false)),
    )
  // Each project has a page in its turn, so that one with many events does not hold up the others.
  const turn = Effect.flatMap(log.inboxes, (projects) => Effect.forEach(projects, drain))
  const look = Effect.repeat(turn, { while: (left) => left.includes(true) }).pipe(
    Effect.withTracerEnabled(false),
    Effect.ignore({ log: "Debug" }),
  )
  return yield* Effect.raceFirst(
    Effect.andThen(
      Stream.runForEach(log.arrived, () => look),
      Effect.never,
    ),
    Effect.andThen(Effect.repeat(look, poll), Effect.never),
  )
})
