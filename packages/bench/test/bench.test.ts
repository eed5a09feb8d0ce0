import { it } from "@effect/vitest"
import { Effect } from "effect"
import { expect, inject } from "vitest"
import { bench, grow } from "../src/Bench.ts"
import * as Report from "../src/Report.ts"

const tiny = {
  rounds: 2,
  events: 300,
  longEvents: 300,
  smallEvents: 200,
  othersEvents: 50,
  seconds: 0.1,
  ids: 5000,
  persons: [3, 5, 8],
  merges: 2,
}

const promised = [
  "append_vs_unnest",
  "rebuild_events_per_s",
  "rebuild_vs_drain",
  "fold_events_per_s",
  "fold_bytes_per_id",
  "projection_events_per_s",
  "merge_100k_vs_100",
  "capture_vs_unnest",
  "one_event_16_vs_1",
  "http_16_vs_1",
  "projection_vs_naive",
  "capture_p99_in_rebuild_vs_alone",
  "reads_answered_in_rebuild",
]

/** What needs a server, since Emmett does. */
const promisedOnServer = [
  ...promised,
  "append_vs_emmett",
  "unnest_100_vs_emmett",
  "projection_vs_emmett",
]

const url = inject("postgresUrl")

const places = [
  { place: "the embedded database", at: undefined, rounds: 1, names: promised },
  ...(url === "" ? [] : [{ place: "Postgres", at: url, rounds: 2, names: promisedOnServer }]),
]

it.live.each(places)(
  "a small run on $place gives every figure, each positive",
  (where) =>
    Effect.gen(function* () {
      const { at, rounds, names } = where
      const figures = yield* bench(at, { ...tiny, rounds })
      const medians: unknown = JSON.parse(Report.of(figures).json)
      for (const name of names) expect(medians).toHaveProperty(name)
      for (const [name, { median, least, most }] of Object.entries(figures)) {
        for (const value of [median, least, most]) {
          expect(Number.isFinite(value) && value > 0, `${name}: ${value}`).toBe(true)
        }
      }
      expect(Report.of(figures).table.split("\n")).toHaveLength(Object.keys(figures).length + 3)
    }),
  120_000,
)

it.live(
  "a log that grows gives each figure twice",
  () =>
    Effect.gen(function* () {
      const grown = yield* grow(undefined, 1000)
      expect(grown.map(({ name }) => name)).toContain("what_if_1000_p99_ms")
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
