import { Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Tally } from "@onymous/persons/rows/Activity"
import { Projector } from "@onymous/projector/Projector"
import { type Batches, batches, inParts, inTurns } from "../load/Scenario.ts"
import { append, newProject } from "../measures/AppendRate.ts"
import { waitMax } from "../measures/ProjectionRate.ts"

/** Runs an effect in which nothing is counted along the log, so that the counts have no rows, either. */
const uncounted = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const counting = Object.getOwnPropertyDescriptor(Tally.prototype, "count")
      Tally.prototype.count = () => {}
      return counting
    }),
    () => effect,
    (counting) =>
      Effect.sync(() => {
        if (counting !== undefined) Object.defineProperty(Tally.prototype, "count", counting)
      }),
  )

/** Appends events, and waits for their persons. */
const follow = Effect.fnUntraced(function* (project: ProjectId, log: Batches) {
  yield* append(project, log)
  const { position } = yield* (yield* EventLog).head(project)
  yield* (yield* Projector).waitFor(project, position, waitMax)
})

/** Appends, projects and rebuilds the same log with the counts that the page draws, and without, in turns. */
export const measure = Effect.fnUntraced(function* (count: number, round: number) {
  const [counted, plain] = [yield* newProject, yield* newProject]
  const [withCounts = 0, without = 0] = yield* inParts(round, batches(count), (part) => [
    follow(counted, part),
    uncounted(follow(plain, part)),
  ])
  const { rebuild } = yield* Projector
  const [rebuilt = 0, rebuiltWithout = 0] = yield* inTurns(round, [
    rebuild(counted),
    uncounted(rebuild(plain)),
  ])
  return {
    follow_with_activity_vs_without: withCounts / without,
    rebuild_with_activity_vs_without: rebuilt / rebuiltWithout,
  }
})
