import { expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import * as Pace from "../src/Pace.ts"

it.effect(
  "who is gentle rests for as long as was worked since the last rest: a little at least, a second at most",
  () =>
    Effect.gen(function* () {
      const { pause } = yield* Pace.gentle
      for (const [work, rest] of [
        [7, 7],
        [0, 1],
        [30, 30],
        [60_000, 1000],
      ] as const) {
        yield* TestClock.adjust(work)
        const resting = yield* Effect.forkChild(pause)
        yield* TestClock.adjust(rest - 1)
        expect(resting.pollUnsafe(), `${rest - 1} ms after ${work} ms of work`).toBeUndefined()
        yield* TestClock.adjust(1)
        yield* Fiber.join(resting)
      }
    }),
)
