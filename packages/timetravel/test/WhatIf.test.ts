import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { QuestionProgress } from "../src/history/QuestionProgress.ts"
import * as WhatIf from "../src/questions/WhatIf.ts"
import { historyOf, identify } from "./historySupport.ts"

/** Three pages: a device for each of many customers. */
const customers = Array.from({ length: 2500 }, (_, index) =>
  identify(index, `customer-${index % 900}`, `device-${index}`),
)

const history = historyOf(customers)

const edit = { policy: { own_illegal_ids: ["customer-7"] } }

it.effect("a what-if in steps is the same, and tells how far it is, to the end", () =>
  Effect.gen(function* () {
    const seen: Array<ReadonlyArray<unknown>> = []
    const found = yield* Effect.provideService(
      WhatIf.replay(history, edit),
      QuestionProgress,
      (...step) => seen.push(step),
    )
    expect(found).toEqual(WhatIf.whatIf(history, edit))
    expect(found.warnings.added.length).toBeGreaterThan(0)
    expect(seen).toEqual([
      ["folding", 1000, 2501],
      ["folding", 2000, 2501],
      ["folding", 2501, 2501],
    ])
  }),
)

it.effect("an interruption ends it between two steps", () =>
  Effect.gen(function* () {
    let steps = 0
    const asked = Effect.provideService(
      WhatIf.replay(history, edit),
      QuestionProgress,
      () => (steps += 1),
    )
    const fiber = yield* Effect.forkChild(asked)
    while (steps === 0) yield* Effect.yieldNow
    yield* Fiber.interrupt(fiber)
    expect(Exit.hasInterrupts(yield* Fiber.await(fiber))).toBe(true)
    expect(steps).toBeLessThan(3)
  }),
)
