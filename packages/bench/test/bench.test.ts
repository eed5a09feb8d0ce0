import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { bench, grow } from "../src/Bench.ts"
import { Samples, stepsTo } from "../src/measures/Growth.ts"
import * as Meanings from "../src/report/Meanings.ts"
import { givesAll, promised, tiny } from "./figures.ts"

it.live(
  "a small run on the embedded database gives every figure, each positive",
  () => givesAll(undefined, 1, promised),
  600_000,
)

it.live(
  "a log that grows gives each figure each time, and every one that the README tells",
  () =>
    Effect.gen(function* () {
      const grown = yield* Effect.provideService(grow(undefined, 1000), Samples, 10)
      expect(grown.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          Meanings.growth.of,
          ...Meanings.growth.rows.flatMap(({ names }) => names),
        ]),
      )
      for (const { name, found } of grown) {
        expect(found, name).toHaveLength(2)
        expect(
          found.every((each) => each > 0),
          `${name}: ${found.join(", ")}`,
        ).toBe(true)
      }
    }),
  600_000,
)

it("what grows is measured at each power of ten from a fiftieth of it on, and at its end", () => {
  expect(stepsTo(1000)).toEqual([100, 1000])
  expect(stepsTo(50_000_000)).toEqual([1_000_000, 10_000_000, 50_000_000])
  expect(stepsTo(5)).toEqual([1, 5])
})

it.effect("an address that is none of Postgres is refused", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(bench("somewhere", tiny))
    expect(error.message).toContain("ONYMOUS_DATABASE_URL")
  }),
)
