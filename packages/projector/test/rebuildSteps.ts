import { Effect } from "effect"
import type { Outcome, Progress, Tell } from "../src/rebuild/Rebuild.ts"

/** All steps that a rebuild tells, in order. */
export const stepsOf = Effect.fnUntraced(function* <E, R>(
  rebuild: (tell: Tell) => Effect.Effect<Outcome, E, R>,
) {
  const steps: Array<Progress> = []
  yield* rebuild((step) => Effect.sync(() => void steps.push(step)))
  return steps
})
