import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { upTo } from "../src/asking/Pages.ts"

/** Ever more results, each of a number of characters. */
const endless = (characters: number) => (limit: number, next: number | undefined) => {
  const from = next ?? 0
  const results = Array.from({ length: limit }, () => "x".repeat(characters))
  return Effect.succeed({ results, next: from + limit })
}

it.effect("a list is read page by page, up to its limit", () =>
  Effect.gen(function* () {
    const { results, next } = yield* upTo(2500, endless(1))
    expect([results.length, next]).toEqual([2500, 2500])
  }),
)

it.effect("a list of large results ends before its limit, and says where it goes on", () =>
  Effect.gen(function* () {
    const { results, next } = yield* upTo(10_000, endless(40_000))
    expect([results.length, next]).toEqual([3000, 3000])
  }),
)
