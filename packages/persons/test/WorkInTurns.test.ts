import { expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as WorkInTurns from "../src/rows/WorkInTurns.ts"

const items = Array.from({ length: 5001 }, (_, index) => index)

/** Takes a hundredth of a millisecond at least, so that all items take more than one turn. */
const work = () => {
  for (const start = performance.now(); performance.now() < start + 0.01;);
}

/** Adds up the items, and tells each sum on the way. */
const summing = function* (tell: (sum: number) => void): WorkInTurns.Turns<number> {
  let sum = 0
  yield* WorkInTurns.each(items, (item) => {
    work()
    sum += item
    tell(sum)
  })
  return sum
}

const whole = (5000 * 5001) / 2

it("at once it comes to the same as the work that it is made of", () => {
  expect(WorkInTurns.atOnce(summing(() => {}))).toBe(whole)
  expect(WorkInTurns.atOnce(WorkInTurns.each([], () => {}))).toBeUndefined()
})

it.live("in turns it comes to the same, and others see it half done", () =>
  Effect.gen(function* () {
    let now = 0
    const seen = new Set<number>()
    const look = Effect.sync(() => seen.add(now))
    const other = yield* Effect.forkChild(Effect.forever(Effect.andThen(look, Effect.yieldNow)))
    const sum = yield* WorkInTurns.inBetween(summing((at) => (now = at)))
    yield* Fiber.interrupt(other)
    expect(sum).toBe(whole)
    expect([...seen].filter((at) => at > 0 && at < whole).length).toBeGreaterThan(0)
  }),
)
