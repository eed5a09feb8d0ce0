import type { Figures } from "../Bench.ts"
import type { Grown } from "../measures/Growth.ts"

const notMeasured =
  "Not measured: a network between client, server and database, TLS, several appenders at " +
  "once, a database larger than memory, hours of load. Clients, servers and database share the cores; " +
  "Emmett's processor only counts what ours resolves."

const digits = (value: number): string =>
  value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en")

const row = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  cells
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    .join("  ")

const textOf = (cells: ReadonlyArray<ReadonlyArray<string>>): string => {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  return cells.map((line) => row(line, widths)).join("\n")
}

const jsonOf = (entries: ReadonlyArray<readonly [string, unknown]>): string =>
  `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`

/** The figures of a run, as a table for people and as JSON for programs. */
export interface ReportText {
  readonly table: string
  readonly json: string
}

/** The figures as a table, with a note of their limits, and their medians as JSON. */
export const of = (figures: Figures): ReportText => {
  const all = Object.entries(figures)
  const rows = all.map(([name, { median, least, most }]) => [
    name,
    ...[median, least, most].map(digits),
  ])
  return {
    table: `${textOf([["", "median", "least", "most"], ...rows])}\n\n${notMeasured}`,
    json: jsonOf(all.map(([name, { median }]) => [name, median])),
  }
}

/** The figures of a growing log, as a table and as JSON. */
export const ofGrowth = (grown: ReadonlyArray<Grown>): ReportText => {
  const rows = grown.map(({ name, found }) => {
    const [first = Number.NaN] = found
    return [name, ...[...found, (found.at(-1) ?? Number.NaN) / first].map(digits)]
  })
  // The first row shows the sizes.
  const heads = (grown[0]?.found ?? []).map(() => "")
  return {
    table: textOf([["", ...heads, "last / first"], ...rows]),
    json: jsonOf(grown.map(({ name, found }) => [name, found])),
  }
}
