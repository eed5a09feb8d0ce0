import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { bench, grow } from "../src/Bench.ts"
import * as Meanings from "../src/Meanings.ts"
import { givesAll, promised, tiny } from "./figures.ts"

it.live(
  "a small run on the embedded database gives every figure, each positive",
  () => givesAll(undefined, 1, promised),
  120_000,
)

it.live(
  "a log that grows gives each figure twice, and every one that the README tells",
  () =>
    Effect.gen(function* () {
      const grown = yield* grow(undefined, 1000)
      expect(grown.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          Meanings.growth.of,
          ...Meanings.growth.rows.flatMap(({ names }) => names),
        ]),
      )
      for (const { name, tenth, end } of grown) {
        expect(tenth > 0 && end > 0, `${name}: ${tenth}, ${end}`).toBe(true)
      }
    }),
  120_000,
)

it.effect("an address that is none of Postgres is refused", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(bench("somewhere", tiny))
    expect(error.message).toContain("ONYMOUS_DATABASE_URL")
  }),
)
