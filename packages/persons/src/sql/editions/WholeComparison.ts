import { Effect } from "effect"
import { Position } from "@onymous/identity/event/Position"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { Checkpoint, StoredCheckpoint } from "../../Checkpoint.ts"
import { differencesOf, type TableDifference } from "../../Editions.ts"
import { partitionOf } from "../../migrations/EditionId.ts"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import type { Table } from "../../rows/RowChanges.ts"

/** The columns of a table for a comparison, JSON as its text, because the order of keys counts. */
const columnsOf = (table: Table): string =>
  Object.entries(DerivedTables.tables[table].columns)
    .map(([name, { type }]) => (type === "json" ? `${name}::text` : name))
    .join(", ")

const sumOf = Effect.fnUntraced(function* (table: Table, { edition }: StoredCheckpoint) {
  const sql = yield* SchemaClient
  const [row] = yield* sql<{ readonly sum: string | null }>`
    select sum(hashtextextended(row(${sql.literal(columnsOf(table))})::text, 0))::text as sum
    from ${sql.ours(partitionOf(table, edition))} where edition = ${edition}`
  return row?.sum
})

/** The first position at which a row of one edition is not in the other; 0 where the rows have none. */
const firstDifference = Effect.fnUntraced(function* (
  table: Table,
  a: Checkpoint,
  b: StoredCheckpoint,
) {
  const sql = yield* SchemaClient
  const position = DerivedTables.positionOf(table)
  const columns = sql.literal(columnsOf(table))
  const rowsOf = ({ edition }: StoredCheckpoint) => sql`
    select ${sql.literal(position ?? "0")}::bigint as differs_at, ${columns}
    from ${sql.ours(partitionOf(table, edition))} where edition = ${edition}`
  const [row] = yield* sql<{ readonly differs_at: number | null }>`
    select min(differs_at) as differs_at from (
      (${rowsOf(a)} except all ${rowsOf(b)}) union all (${rowsOf(b)} except all ${rowsOf(a)})
    ) differing`
  return Position(row?.differs_at ?? 0)
})

/** How all rows, and the checkpoints, of two editions at one position differ, table by table. */
export const differences = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  live: StoredCheckpoint,
) {
  const found: Array<TableDifference> = [...differencesOf(candidate, live)]
  for (const table of DerivedTables.names) {
    if ((yield* sumOf(table, candidate)) === (yield* sumOf(table, live))) continue
    const position = yield* firstDifference(table, candidate, live)
    found.push({ table, position: position === 0 ? live.position : position })
  }
  return found
})
