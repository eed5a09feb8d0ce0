import type { NewRows, Table } from "../rows/RowChanges.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"
import type { Tables } from "./MemoryTables.ts"

/** One line of a dump: the table's name and the values of its columns, in their order. */
export const line = (table: Table, values: ReadonlyArray<unknown>): string =>
  `${table} ${JSON.stringify(values)}`

/** All lines in one order, whatever order they were found in. */
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

/** The dump of tables in memory: the same text that the tables in Postgres give. */
export const dumpTables = ({ rows }: Tables): string =>
  dump(DerivedTables.names.flatMap((name) => linesOf(name, rows[name])))
