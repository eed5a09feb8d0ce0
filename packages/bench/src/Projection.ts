import { Effect } from "effect"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { Projector } from "@onymous/projector/Projector"
import { millis } from "./Scenario.ts"

/** The longest that a log may take, in seconds. */
export const waitMax = 1800

/** Projects the `count` events of a project, after its policy, that nobody projected yet. */
export const measure = Effect.fnUntraced(function* (project: ProjectId, count: number) {
  const { wake, reached } = yield* Projector
  const caughtUp = Effect.andThen(wake(project), reached(project, Position(count + 1), waitMax))
  return { projection_events_per_s: (count / (yield* millis(caughtUp))) * 1000 }
})
