import { Data, Effect, FileSystem, Schema } from "effect"
import { resolve } from "node:path"
import * as Meanings from "./Meanings.ts"

/**
 * The tables of the README; each is made from the file of that name beside it, in the form of
 * `--json`.
 */
export type Kind = "figures" | "growth" | "nightly" | "page" | "projects"

const kinds: ReadonlyArray<Kind> = ["figures", "growth", "nightly", "page", "projects"]

/** The README has no place for a table. */
export class NoPlace extends Data.TaggedError("NoPlace")<{ readonly kind: Kind }> {
  override get message(): string {
    return `README.md has no place for the table of ${this.kind}: two comments, one at its end.`
  }
}

const Medians = Schema.Record(Schema.String, Schema.Finite)

const Grown = Schema.Record(Schema.String, Schema.Array(Schema.Finite))

/** Three digits, because further ones differ in every run. */
const digits = (value: number): string =>
  value.toLocaleString("en", { maximumSignificantDigits: 3 })

const line = (cells: ReadonlyArray<string>): string =>
  `|${cells.map((cell) => (cell === "" ? " " : ` ${cell} `)).join("|")}|`

const tableOf = (heads: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  [heads, heads.map(() => "---"), ...rows].map(line).join("\n")

/** The table of a run, without the figures that were not measured. */
export const ofFigures = (medians: typeof Medians.Type): string =>
  tableOf(
    ["figure", "what it is", "goal", "seen"],
    Meanings.figures.flatMap(({ name, what, goal = "" }) => {
      const median = medians[name]
      return median === undefined ? [] : [[`\`${name}\``, what, goal, digits(median)]]
    }),
  )

const counted = (count: number): string =>
  count < 1_000_000 ? count.toLocaleString("en") : `${count / 1_000_000} M`

/** The table of something that grows, without the rows that lack a figure. */
export const ofGrown = (
  { of, heading, rows }: Meanings.Growing,
  grown: typeof Grown.Type,
): string => {
  const sizes = grown[of] ?? []
  return tableOf(
    ["", ...sizes.map((size) => heading(counted(size)))],
    rows.flatMap(({ names, what }) => {
      const found = names.flatMap((name) => {
        const each = grown[name]
        return each === undefined ? [] : [each]
      })
      if (found.length < names.length) return []
      const cells = sizes.map((_, at) => found.map((each) => digits(each[at] ?? Number.NaN)))
      return [[what, ...cells.map((values) => values.join(", "))]]
    }),
  )
}

const tableFrom = (kind: Kind, json: string) =>
  kind === "figures"
    ? Effect.map(Schema.decodeEffect(Schema.fromJsonString(Medians))(json), ofFigures)
    : Effect.map(Schema.decodeEffect(Schema.fromJsonString(Grown))(json), (grown) =>
        ofGrown(Meanings[kind], grown),
      )

/** The README with a new table between its two comments; all else stays as it is. */
export const withTable = (
  readme: string,
  kind: Kind,
  table: string,
): Effect.Effect<string, NoPlace> => {
  const place = new RegExp(`(<!-- ${kind}\\b[^>]*-->\\n).*?(<!-- end of ${kind} -->)`, "s")
  return place.test(readme)
    ? Effect.succeed(readme.replace(place, (_, start, end) => `${start}\n${table}\n\n${end}`))
    : Effect.fail(new NoPlace({ kind }))
}

const home = resolve(import.meta.dirname, "..", "..")

const readmePath = resolve(home, "README.md")

const pathOf = (kind: Kind): string => resolve(home, `${kind}.json`)

/** The README with the tables of all files of figures. */
export const render = Effect.gen(function* () {
  const { readFileString } = yield* FileSystem.FileSystem
  let readme = yield* readFileString(readmePath)
  for (const kind of kinds) {
    const table = yield* tableFrom(kind, yield* readFileString(pathOf(kind)))
    readme = yield* withTable(readme, kind, table)
  }
  return readme
})

/** Writes the README's tables from the files of figures. */
export const rewrite = Effect.gen(function* () {
  const { writeFileString } = yield* FileSystem.FileSystem
  yield* writeFileString(readmePath, yield* render)
})

/** Writes the figures of a run into their file, and then the README's tables. */
export const keep = Effect.fnUntraced(function* (kind: Kind, json: string) {
  const { writeFileString } = yield* FileSystem.FileSystem
  yield* writeFileString(pathOf(kind), json)
  yield* rewrite
})
