import { Effect } from "effect"
import { expect } from "vitest"
import { bench } from "../src/Bench.ts"
import * as Report from "../src/report/Report.ts"

export const tiny = {
  rounds: 2,
  events: 300,
  longEvents: 300,
  smallEvents: 200,
  othersEvents: 50,
  seconds: 0.1,
  ids: 5000,
  persons: [3, 5, 8],
  merges: 2,
  starts: 1,
}

export const promised = [
  "append_vs_unnest",
  "rebuild_events_per_s",
  "rebuild_vs_drain",
  "rebuild_vs_read",
  "fold_events_per_s",
  "fold_bytes_per_id",
  "projection_events_per_s",
  "merge_100k_vs_100",
  "capture_vs_unnest",
  "one_event_16_vs_1",
  "http_16_vs_1",
  "projection_vs_naive",
  "capture_p99_in_rebuild_vs_alone",
  "capture_p99_beside_big_vs_alone",
  "reads_answered_in_rebuild",
  "start_help_vs_node",
  "start_why_vs_node",
  "start_serve_vs_node",
]

/** These figures need a Postgres server, because Emmett and workers do. */
export const promisedOnServer = [
  ...promised,
  "append_vs_emmett",
  "unnest_100_vs_emmett",
  "projection_vs_emmett",
  "rebuild_in_halves_vs_whole",
  "captures_beside_locked_1000_ms_vs_none",
  "slowest_beside_outbox_100_ms_vs_none",
]

/** Runs a small bench, which gives every figure, each positive. */
export const givesAll = Effect.fnUntraced(function* (
  at: string | undefined,
  rounds: number,
  names: ReadonlyArray<string>,
) {
  const figures = yield* bench(at, { ...tiny, rounds })
  const medians: unknown = JSON.parse(Report.of(figures).json)
  for (const name of names) expect(medians).toHaveProperty(name)
  for (const [name, { median, least, most }] of Object.entries(figures)) {
    for (const value of [median, least, most]) {
      expect(Number.isFinite(value) && value > 0, `${name}: ${value}`).toBe(true)
    }
  }
  expect(Report.of(figures).table.split("\n")).toHaveLength(Object.keys(figures).length + 3)
})
