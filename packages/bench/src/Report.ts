import type { Figure, Figures } from "./Bench.ts"

const notMeasured =
  "Not measured: a network between client, server and database, TLS, several projects or appenders at " +
  "once, a database larger than memory, hours of load. Clients, servers and database share the cores; " +
  "Emmett's processor only counts what ours resolves."

const shown = (value: number): string =>
  value < 100 ? value.toPrecision(3) : Math.round(value).toLocaleString("en")

const row = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  cells
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    .join("  ")

const cellsOf = ([name, { median, least, most }]: readonly [string, Figure]) => [
  name,
  shown(median),
  shown(least),
  shown(most),
]

/** The figures as a table, and what they say nothing about. */
export const table = (figures: Figures): string => {
  const cells = [["", "median", "least", "most"], ...Object.entries(figures).map(cellsOf)]
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  return [...cells.map((line) => row(line, widths)), "", notMeasured].join("\n")
}

/** The medians as JSON. */
export const json = (figures: Figures): string => {
  const medians = Object.entries(figures).map(([name, { median }]) => [name, median])
  return `${JSON.stringify(Object.fromEntries(medians), null, 2)}\n`
}
