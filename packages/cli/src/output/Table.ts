import { padTo, widthOf, type Width, wrapItems } from "./TextWrap.ts"
import { visible } from "./VisibleText.ts"

/** The text of a cell, or its items, between which it wraps. */
export type Cell = string | ReadonlyArray<string>

/** A column of a table, and how it may shrink where the table is wider than the terminal. */
export interface Column {
  readonly name: string
  /** A shorter form of a cell. */
  readonly short?: (cell: string) => string
  readonly shortName?: string
  /** Set for a column that wraps: its width, below which spare columns are left out instead. */
  readonly wraps?: number
  /** The separator of a cell's items; a space by default. */
  readonly separator?: string
  /** Set for a column that may be left out: the lowest number is left out first. */
  readonly spare?: number
}

interface Filled extends Column {
  readonly cells: ReadonlyArray<ReadonlyArray<string>>
  readonly width: number
}

/** The spaces between two columns. */
const gap = 2

/** The least width of a column that wraps, whatever the terminal. */
const narrowest = 8

/** The most lines of a cell; `--json` has the rest. */
const linesMax = 20

const filledWith = (column: Column, cells: Filled["cells"]): Filled => {
  const { name, separator = " " } = column
  const widest = cells.reduce(
    (most, cell) => Math.max(most, widthOf(cell.join(separator))),
    widthOf(name),
  )
  return { ...column, separator, cells, width: widest }
}

const totalOf = (widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, width) => sum + width, gap * (widths.length - 1))

const leastOf = ({ wraps = Number.POSITIVE_INFINITY, width }: Filled): number =>
  Math.min(width, wraps)

/** Leaves out the least useful columns until the others fit. */
const withoutSpare = (columns: ReadonlyArray<Filled>, width: number): ReadonlyArray<Filled> => {
  if (totalOf(columns.map(leastOf)) <= width) return columns
  const [least] = columns
    .filter(({ spare }) => spare !== undefined)
    .toSorted((a, b) => (a.spare ?? 0) - (b.spare ?? 0))
  return least === undefined
    ? columns
    : withoutSpare(
        columns.filter((column) => column !== least),
        width,
      )
}

/** Shares the room among the columns that wrap: each has its least width, and none has more than it needs. */
const narrowed = (columns: ReadonlyArray<Filled>, width: number): ReadonlyArray<Filled> => {
  const fixed = columns.map((column) => (column.wraps === undefined ? column.width : 0))
  const room = width - totalOf(fixed)
  const wrapping = columns.filter(({ wraps }) => wraps !== undefined)
  const least = wrapping.reduce((sum, column) => sum + leastOf(column), 0)
  const isTight = least > room
  const wish = (column: Filled) => (isTight ? 0 : leastOf(column))
  let extra = isTight ? room : room - least
  let left = wrapping.length
  const widths = new Map<Filled, number>()
  for (const column of wrapping.toSorted((a, b) => a.width - wish(a) - (b.width - wish(b)))) {
    const more = Math.min(column.width - wish(column), Math.floor(extra / left))
    widths.set(column, Math.min(column.width, Math.max(narrowest, wish(column) + more)))
    extra -= more
    left -= 1
  }
  return columns.map((column) => ({ ...column, width: widths.get(column) ?? column.width }))
}

const fitted = (columns: ReadonlyArray<Filled>, width: number): ReadonlyArray<Filled> => {
  if (totalOf(columns.map((column) => column.width)) <= width) return columns
  const shortened = columns.map((column) => {
    const { name, shortName = name, short = (cell) => cell, cells } = column
    return filledWith(
      { ...column, name: shortName },
      cells.map((cell) => cell.map(short)),
    )
  })
  return narrowed(withoutSpare(shortened, width), width)
}

const linesOf = (
  cell: ReadonlyArray<string>,
  { separator = " ", width }: Filled,
): ReadonlyArray<string> => {
  const lines = wrapItems(cell, separator, width)
  return lines.length <= linesMax ? lines : [...lines.slice(0, linesMax - 1), "…"]
}

const drawn = (columns: ReadonlyArray<Filled>, row: number): ReadonlyArray<string> => {
  const cells = columns.map((column) =>
    linesOf(row < 0 ? [column.name] : (column.cells[row] ?? []), column),
  )
  const height = Math.max(...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    columns
      .map(({ width }, column) => padTo(cells[column]?.[line] ?? "", width))
      .join(" ".repeat(gap))
      .trimEnd(),
  )
}

/**
 * The lines of a table that fits a terminal: its cells are shortened, then wrapped, and the least
 * useful columns left out, which the last line names. Without a width each row is one whole line.
 */
export const table = (
  columns: ReadonlyArray<Column>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  width: Width,
): ReadonlyArray<string> => {
  const all = columns.map((column, index) =>
    filledWith(
      column,
      rows.map((row) => [row[index] ?? ""].flat().map(visible)),
    ),
  )
  const shown = width === undefined ? all : fitted(all, width)
  const names = new Set(shown.map(({ name }) => name))
  const missing = columns
    .filter(({ name, shortName }) => !names.has(name) && !names.has(shortName ?? name))
    .map(({ name }) => name)
  return [
    ...[-1, ...rows.keys()].flatMap((row) => drawn(shown, row)),
    ...(missing.length === 0 ? [] : [`(No room for ${missing.join(", ")}; --json has all.)`]),
  ]
}

/** A column whose cells wrap. */
export const text = (name: string, spare?: number): Column => ({
  name,
  wraps: 22,
  ...(spare !== undefined && { spare }),
})

/** A column of JSON objects, given as `jsonItems`. */
export const json = (name: string, spare?: number): Column => ({
  ...text(name, spare),
  separator: ",",
})

/** The JSON of an object, in items that a comma joins. */
export const jsonItems = (value: object): ReadonlyArray<string> => {
  const entries = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}:${JSON.stringify(each)}`,
  )
  return entries.length === 0
    ? ["{}"]
    : entries.map((entry, index) => {
        const end = index === entries.length - 1 ? "}" : ""
        return `${index === 0 ? "{" : ""}${entry}${end}`
      })
}

/** A column of distinct ids, which wrap: a uuid stays whole. */
export const ids = (name: string): Column => ({ name, wraps: 36 })

/** The column that tells whether persons are identified. */
export const identified: Column = { name: "IDENTIFIED", shortName: "IDENT.", spare: 2 }

/** A column of times in ISO 8601, whose milliseconds go first. */
export const time = (name: string, spare?: number): Column => ({
  name,
  short: (cell) => cell.replace(/\.\d{3}Z$/, "Z"),
  ...(spare !== undefined && { spare }),
})

/** The length of a uuid's first part. */
const prefixLength = 8

/** A column of persons' uuids where the person is named by its distinct ids, too. */
export const person = (name: string, spare?: number): Column => ({
  name,
  short: (cell) => (cell.length > prefixLength ? `${cell.slice(0, prefixLength)}…` : cell),
  ...(spare !== undefined && { spare }),
})
