import { Effect, Exit, Metric } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Place } from "./EventLog.ts"

/** A metric for each value of an attribute, made once, because a look-up by attributes takes longer than counting. */
const each = <Value extends string, Made>(make: (value: Value) => Made) => {
  const metrics = new Map<Value, Made>()
  const of = (value: Value): Made => {
    const found = metrics.get(value) ?? make(value)
    metrics.set(value, found)
    return found
  }
  return Object.assign(of, { forget: (value: Value) => metrics.delete(value) })
}

const events = each((project: ProjectId) =>
  Metric.counter("onymous.append.events", {
    description: "Events that were appended to the log",
    attributes: { unit: "{event}", project },
    incremental: true,
  }),
)

const overloaded = each((project: ProjectId) =>
  Metric.counter("onymous.append.overloaded", {
    description: "Appends that were refused because too many events wait to be written",
    attributes: { unit: "{append}", project },
    incremental: true,
  }),
)

const duration = each((outcome: "committed" | "failed") =>
  Metric.histogram("onymous.append.duration", {
    description: "How long a commit of events to the log took",
    attributes: { unit: "seconds", outcome },
    boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  }),
)

const batchSize = Metric.histogram("onymous.append.batch_size", {
  description: "Events in one commit to the log",
  attributes: { unit: "{event}" },
  boundaries: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000],
})

/** Counts an append that was refused. */
export const refused = (project: ProjectId): Effect.Effect<void> =>
  Metric.update(overloaded(project), 1)

/** Forgets what was counted of a project in which nothing happens: its next event counts from zero again. */
export const released = (project: ProjectId): Effect.Effect<void> =>
  Effect.forEach(
    [events, overloaded],
    (metric) =>
      Effect.andThen(
        Metric.remove(metric(project)),
        Effect.sync(() => metric.forget(project)),
      ),
    { discard: true },
  )

/** Measures a commit, also a failing one, once for all of its events. */
export const measured = <A extends { readonly places: ReadonlyArray<Place> }, E, R>(
  project: ProjectId,
  size: number,
  commit: Effect.Effect<A, E, R>,
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const began = performance.now()
    return Effect.onExit(commit, (exit) =>
      Effect.map(Effect.context(), (context) => {
        const seconds = (performance.now() - began) / 1000
        const outcome = Exit.isSuccess(exit) ? "committed" : "failed"
        duration(outcome).updateUnsafe(seconds, context)
        if (Exit.isFailure(exit)) return
        const added = exit.value.places.filter(({ isNew }) => isNew).length
        batchSize.updateUnsafe(size, context)
        events(project).updateUnsafe(added, context)
        // Counts 0 refusals, so that the series exists, and the first refusal shows as a rate.
        overloaded(project).updateUnsafe(0, context)
      }),
    )
  })
