import type { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { Checkpoint } from "../Checkpoint.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"
import type { NewRows, Rows, Table } from "../rows/RowChanges.ts"
import * as EditionTables from "./editions/EditionTables.ts"
import * as StoredRows from "./StoredRows.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes the rows of a page: first the changes of stored rows, then new rows, table by table. */
export const write = Effect.fnUntraced(function* (from: Checkpoint, rows: Rows) {
  const sql = yield* SchemaClient
  const edition = EditionTables.of(sql, from)
  yield* StoredRows.write(edition, rows)
  for (const table of DerivedTables.names) yield* writeNew(edition, table, rows[table])
})

/** Writes new rows, a statement for each chunk. */
const writeNew = <Name extends Table>(
  edition: EditionTables.Edition,
  name: Name,
  rows: NewRows[Name],
): Statement => {
  const table: DerivedTables.DerivedTable<NewRows[Name][number]> = DerivedTables.tables[name]
  return EditionTables.inChunks<NewRows[Name][number], SqlError.SqlError, never>(rows, (chunk) =>
    insert(edition, name, table, chunk),
  )
}

/** The values of a column, as one parameter. */
const parameterOf = <Row>(
  column: DerivedTables.Column<Row>,
  rows: ReadonlyArray<Row>,
): PgTypes.Parameter => {
  switch (column.type) {
    case "id":
    case "text":
      return PgArrays.texts(rows.map((row) => column.of(row)))
    case "uuid":
      return PgArrays.uuids(rows.map((row) => column.of(row)))
    case "integer":
      return PgArrays.integers(rows.map((row) => column.of(row)))
    case "bigint":
      return PgArrays.positions(rows.map((row) => column.of(row)))
    case "boolean":
      return PgArrays.booleans(rows.map((row) => column.of(row)))
    case "timestamptz":
      return PgArrays.times(rows.map((row) => column.of(row)))
    case "json":
      // As an array of JSON, Postgres would parse it while it plans, which takes as long as all the rest.
      return PgArrays.texts(rows.map((row) => JSON.stringify(column.of(row))))
  }
}

/** Inserts all rows of a chunk by one statement, whose text does not depend on the rows. */
const insert = <Row>(
  { sql, id, table, onConflict }: EditionTables.Edition,
  name: Table,
  { columns, key, isUpserted = false }: DerivedTables.DerivedTable<Row>,
  rows: ReadonlyArray<Row>,
): Statement => {
  const names = Object.keys(columns)
  const values = Object.entries(columns).map(([column, { type }]) =>
    type === "json" ? `${column}::json` : column,
  )
  const changed = names.filter((column) => !key.includes(column))
  const before = (column: string) => (isUpserted === "added" ? `stored.${column} + ` : "")
  const set = changed.map((column) => `${column} = ${before(column)}excluded.${column}`)
  const update = set.length === 0 ? "nothing" : `update set ${set.join(", ")}`
  const upsert = sql`on conflict (${sql.literal(key.join(", "))}) do ${sql.literal(update)}`
  return sql`
    insert into ${table(name)} as stored (edition, ${sql.literal(names.join(", "))})
    select ${id}::bigint, ${sql.literal(values.join(", "))}
    from unnest(${sql.csv(Object.values(columns).map((column) => sql`${parameterOf(column, rows)}`))})
      as added (${sql.literal(names.join(", "))})
    ${isUpserted !== false ? onConflict(upsert) : sql``}`
}
