import * as NodeServices from "@effect/platform-node/NodeServices"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { resolve } from "node:path"
import { describe } from "vitest"
import * as Meanings from "../src/report/Meanings.ts"
import * as Readme from "../src/report/Readme.ts"

const home = resolve(import.meta.dirname, "..")
const readme = readFileSync(resolve(home, "README.md"), "utf8")
const medians: Readonly<Record<string, number>> = JSON.parse(
  readFileSync(resolve(home, "figures.json"), "utf8"),
)

/** The figures that readers of `--json` rely on. */
const relied = [
  "append_vs_unnest",
  "capture_vs_unnest",
  "rebuild_events_per_s",
  "rebuild_vs_drain",
  "append_vs_emmett",
  "projection_vs_emmett",
  "fold_events_per_s",
  "fold_bytes_per_id",
]

describe("the README", () => {
  it.effect("has the tables that the files of figures come to: npm run bench:table", () =>
    Effect.gen(function* () {
      expect(readme).toBe(yield* Readme.render)
    }).pipe(Effect.provide(NodeServices.layer)),
  )

  it("tells every figure that has a meaning, once, and those that are relied on", () => {
    const names = Meanings.figures.map(({ name }) => name)
    expect(Object.keys(medians)).toEqual(expect.arrayContaining(names))
    expect(names).toEqual(expect.arrayContaining(relied))
    for (const name of names) expect(readme.split(`\n| \`${name}\` |`)).toHaveLength(2)
  })
})

describe("a table", () => {
  it("has a row for what was measured, with three digits of it", () => {
    const table = Readme.ofFigures({
      append_vs_unnest: 0.91234,
      fold_events_per_s: 612_345,
      else: 1,
    })
    expect(table.split("\n")).toEqual([
      "| figure | what it is | goal | seen |",
      "| --- | --- | --- | --- |",
      expect.stringMatching(/^\| `append_vs_unnest` \| .* \| ≥ 0.9 \| 0.912 \|$/),
      expect.stringMatching(/^\| `fold_events_per_s` \| .* \| 612,000 \|$/),
    ])
  })

  it("of what grew tells how large it was, and leaves a row out where a figure is missing", () => {
    const grown = {
      events: [100_000, 1_000_000],
      append_events_per_s: [27_412, 32_000],
      why_p50_ms: [3, 4],
      why_p99_ms: [13.24, 9.81],
      lag_p50_ms: [2, 2],
    }
    expect(Readme.ofGrown(Meanings.growth, grown).split("\n")).toEqual([
      "| | at 100,000 events | at 1 M events |",
      "| --- | --- | --- |",
      "| append, events/s | 27,400 | 32,000 |",
      "| why, ms | 3, 13.2 | 4, 9.81 |",
    ])
  })

  const place = (kind: string, text: string) =>
    `<!-- ${kind}, made -->\n${text}<!-- end of ${kind} -->`

  it.effect("takes its place, and leaves all else as it was", () =>
    Effect.gen(function* () {
      const before = `$&\n${place("growth", "old\n")}\n${place("figures", "old\n")}\nend`
      expect(yield* Readme.withTable(before, "figures", "| $1 |")).toBe(
        `$&\n${place("growth", "old\n")}\n${place("figures", "\n| $1 |\n\n")}\nend`,
      )
    }),
  )

  it.effect("without a place is refused", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(Readme.withTable("# bench", "growth", ""))
      expect(message).toContain("growth")
    }),
  )
})
