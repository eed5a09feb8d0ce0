import { Clock, Effect, Exit, Metric } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Place } from "./EventLog.ts"

const events = Metric.counter("onymous.append.events", {
  description: "Events that were appended to the log",
  attributes: { unit: "{event}" },
  incremental: true,
})

const overloaded = Metric.counter("onymous.append.overloaded", {
  description: "Appends that were refused because too many events wait to be written",
  attributes: { unit: "{append}" },
  incremental: true,
})

const duration = Metric.histogram("onymous.append.duration", {
  description: "How long a commit of events to the log took",
  attributes: { unit: "seconds" },
  boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
})

const batchSize = Metric.histogram("onymous.append.batch_size", {
  description: "Events in one commit to the log",
  attributes: { unit: "{event}" },
  boundaries: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000],
})

/** Counts an append that was refused. */
export const refused = (project: ProjectId): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(overloaded, { project }), 1)

/** Measures a commit of some events, also one that fails: there is one measurement for all of them. */
export const measured = <A extends { readonly places: ReadonlyArray<Place> }, E, R>(
  project: ProjectId,
  size: number,
  commit: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeNanos
    const exit = yield* Effect.exit(commit)
    const seconds = Number((yield* Clock.currentTimeNanos) - began) / 1e9
    const outcome = Exit.isSuccess(exit) ? "committed" : "failed"
    yield* Metric.update(Metric.withAttributes(duration, { outcome }), seconds)
    if (Exit.isSuccess(exit)) {
      const added = exit.value.places.filter(({ isNew }) => isNew).length
      yield* Metric.update(batchSize, size)
      yield* Metric.update(Metric.withAttributes(events, { project }), added)
      // A series that is there from the start has a rate as soon as something is refused.
      yield* Metric.update(Metric.withAttributes(overloaded, { project }), 0)
    }
    return yield* exit
  })
