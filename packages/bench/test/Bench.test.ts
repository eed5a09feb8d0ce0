import { it } from "@effect/vitest"
import { Effect } from "effect"
import { expect } from "vitest"
import { bench } from "../src/Bench.ts"

it.live("every figure of a small run is a number", () =>
  Effect.gen(function* () {
    const figures = yield* bench("memory", 2000, 1)
    for (const [name, value] of Object.entries(figures)) {
      expect(Number.isFinite(value) && value > 0, `${name}: ${value}`).toBe(true)
    }
  }),
)
