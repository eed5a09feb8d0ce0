import { Position } from "@onymous/identity/event/Position"
import type { TableDifference } from "../Editions.ts"
import type { NewRows, Table } from "../rows/RowChanges.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"
import type { Tables } from "./MemoryTables.ts"

/** One line of a dump: the table's name, and the values of its columns in order. */
export const line = (table: Table, values: ReadonlyArray<unknown>): string =>
  `${table} ${JSON.stringify(values)}`

/** The lines of a dump, sorted. */
export const dump = (lines: ReadonlyArray<string>): string => lines.toSorted().join("\n")

const linesOf = <Name extends Table>(name: Name, rows: NewRows[Name]): ReadonlyArray<string> => {
  const table: DerivedTables.DerivedTable<NewRows[Name][number]> = DerivedTables.tables[name]
  const columns = Object.values(table.columns)
  return rows.map((row) =>
    line(
      name,
      columns.map((column) => DerivedTables.valueOf(column, row)),
    ),
  )
}

/** The dump of tables in memory: the same text as `SqlDump` gives for Postgres. */
export const dumpTables = ({ rows }: Tables): string =>
  dump(DerivedTables.names.flatMap((name) => linesOf(name, rows[name])))

/** The lines that one list has more often than the other. */
const differing = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const each of a) counts.set(each, (counts.get(each) ?? 0) + 1)
  for (const each of b) counts.set(each, (counts.get(each) ?? 0) - 1)
  return [...counts].flatMap(([each, count]) => (count === 0 ? [] : [each]))
}

/** The tables that differ, each with the first position of a differing row; `otherwise` where rows have no position. */
export const differences = (
  a: Tables,
  b: Tables,
  otherwise: Position,
): ReadonlyArray<TableDifference> =>
  DerivedTables.names.flatMap((table) => {
    const found = differing(linesOf(table, a.rows[table]), linesOf(table, b.rows[table]))
    if (found.length === 0) return []
    const column = Object.keys(DerivedTables.tables[table].columns).indexOf(
      DerivedTables.positionOf(table) ?? "",
    )
    const positions = found.map((each) => valuesOf(table, each)[column]).filter(isNumber)
    return [
      {
        table,
        position:
          positions.length === 0
            ? otherwise
            : Position(positions.reduce((first, each) => Math.min(first, each))),
      },
    ]
  })

const isNumber = (value: unknown): value is number => typeof value === "number"

const valuesOf = (table: Table, text: string): ReadonlyArray<unknown> =>
  JSON.parse(text.slice(table.length))
