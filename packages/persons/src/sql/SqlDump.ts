import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as TableDump from "../memory/TableDump.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"
import type { Table } from "../rows/RowChanges.ts"
import { liveOf } from "./editions/SqlEditions.ts"

/** The columns of a dump, JSON as its stored text, because parsing would change how numbers are written. */
const selected = (table: Table): string =>
  Object.entries(DerivedTables.tables[table].columns)
    .map(([name, { type }]) => (type === "json" ? `${name}::text` : name))
    .join(", ")

/** All derived rows of a project as text: the same text as `TableDump.dumpTables` gives in memory. */
export const dump = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const lines: Array<string> = []
  for (const table of DerivedTables.names) {
    const rows = yield* sql<Record<string, unknown>>`
      select ${sql.literal(selected(table))} from ${sql.ours(table)}
      where edition = ${liveOf(sql, project)}`
    for (const row of rows) lines.push(TableDump.line(table, Object.values(row)))
  }
  return TableDump.dump(lines)
})
