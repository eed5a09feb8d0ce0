import { Effect, Metric } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Change } from "@onymous/identity/state/Change"

const gap = Metric.gauge("onymous.projector.gap", {
  description: "Events that the persons are behind the log",
  attributes: { unit: "{event}" },
})

const gapAge = Metric.gauge("onymous.projector.gap_age", {
  description: "How long the first event that the persons lack has been in the log",
  attributes: { unit: "seconds" },
})

const owner = Metric.gauge("onymous.projector.owner", {
  description:
    "1 where this process derives the persons of the project, 0 where it did and no longer does",
})

const stopped = Metric.gauge("onymous.projector.stopped", {
  description: "1 where the persons of the project stand still until somebody mends it, else 0",
})

const restarts = Metric.counter("onymous.projector.restarts", {
  description: "Times that the projector began again after a failure",
  attributes: { unit: "{restart}" },
  incremental: true,
})

const pageDuration = Metric.histogram("onymous.page.duration", {
  description: "How long it took to derive and commit a page of events",
  attributes: { unit: "seconds" },
  boundaries: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
})

const pageEvents = Metric.counter("onymous.page.events", {
  description: "Events whose changes were committed",
  attributes: { unit: "{event}" },
  incremental: true,
})

const warnings = Metric.counter("onymous.warnings", {
  description: "Warnings that were raised, by type",
  attributes: { unit: "{warning}" },
  incremental: true,
})

const waiting = Metric.gauge("onymous.waiting.events", {
  description: "Events that wait for the event that says whose they are",
  attributes: { unit: "{event}" },
})

const rebuildPosition = Metric.gauge("onymous.rebuild.position", {
  description: "The last position that a rebuild under way has derived",
})

const rebuildHead = Metric.gauge("onymous.rebuild.head", {
  description: "The end of the log of a project with a rebuild under way",
})

const of = <Input, State>(metric: Metric.Metric<Input, State>, project: ProjectId) =>
  Metric.withAttributes(metric, { project })

/** The types of the warnings that were counted of each project. */
const typesOf = new Map<ProjectId, Set<string>>()

/** Forgets what was measured of a project in which nothing happens: what is counted begins at zero again. */
export const released = Effect.fnUntraced(function* (project: ProjectId) {
  for (const each of [gap, gapAge, owner, stopped, waiting]) yield* Metric.remove(of(each, project))
  for (const each of [restarts, pageEvents]) yield* Metric.remove(of(each, project))
  for (const type of typesOf.get(project) ?? []) {
    yield* Metric.remove(Metric.withAttributes(warnings, { project, type }))
  }
  typesOf.delete(project)
})

/**
 * Measures how far the persons of a project are behind its log. The counters of the project start at 0 here, so that
 * their first count shows as a rate.
 */
export const lagging = Effect.fnUntraced(function* (
  project: ProjectId,
  { events, seconds }: { readonly events: number; readonly seconds: number },
) {
  yield* Metric.update(of(gap, project), events)
  yield* Metric.update(of(gapAge, project), seconds)
  yield* Metric.update(of(restarts, project), 0)
  yield* Metric.update(of(pageEvents, project), 0)
})

/** Measures whether this process derives a project. */
export const owning = (project: ProjectId, isOwner: boolean): Effect.Effect<void> =>
  Metric.update(of(owner, project), isOwner ? 1 : 0)

/** Measures whether a project stands still. */
export const standing = (project: ProjectId, isStill: boolean): Effect.Effect<void> =>
  Metric.update(of(stopped, project), isStill ? 1 : 0)

/** Counts a restart of a project's projector. */
export const restarted = (project: ProjectId): Effect.Effect<void> =>
  Metric.update(of(restarts, project), 1)

/** Measures a committed page of a live edition. */
export const committed = Effect.fnUntraced(function* (
  project: ProjectId,
  page: {
    readonly seconds: number
    readonly events: number
    readonly changes: ReadonlyArray<Change>
  },
) {
  yield* Metric.update(pageDuration, page.seconds)
  yield* Metric.update(of(pageEvents, project), page.events)
  const raised = page.changes.flatMap((change) =>
    change._tag === "Warned" ? change.warning.type : [],
  )
  for (const [type, { length }] of Map.groupBy(raised, (each) => each)) {
    yield* Metric.update(Metric.withAttributes(warnings, { project, type }), length)
    typesOf.set(project, (typesOf.get(project) ?? new Set()).add(type))
  }
})

/** Measures how many events of a project wait. */
export const held = (project: ProjectId, events: number): Effect.Effect<void> =>
  Metric.update(of(waiting, project), events)

/** Measures how far a rebuild is. */
export const rebuilding = Effect.fnUntraced(function* (
  project: ProjectId,
  { position, head }: { readonly position: number; readonly head: number },
) {
  yield* Metric.update(of(rebuildPosition, project), position)
  yield* Metric.update(of(rebuildHead, project), head)
})

/** Removes the measures of a rebuild that has ended. */
export const rebuilt = (project: ProjectId): Effect.Effect<void> =>
  Effect.andThen(
    Metric.remove(of(rebuildPosition, project)),
    Metric.remove(of(rebuildHead, project)),
  )
