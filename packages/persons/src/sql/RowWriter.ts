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

/** The characters of JSON that a statement writes; more would block the process for too long. */
const jsonPerStatement = 4_000_000

/** Rows that one statement writes, with the texts of their JSON. */
interface Chunk<Row> {
  readonly rows: ReadonlyArray<Row>
  readonly texts: ReadonlyArray<string>
}

/** The next rows for a statement, at least one. A table has at most one column of JSON. */
const chunkFrom = <Row>(
  { columns }: DerivedTables.DerivedTable<Row>,
  rows: ReadonlyArray<Row>,
  start: number,
): Chunk<Row> => {
  const most = rows.slice(start, start + EditionTables.rowsPerStatement)
  const json = Object.values(columns).find(({ type }) => type === "json")
  if (json === undefined) return { rows: most, texts: [] }
  const texts: Array<string> = []
  let length = 0
  for (const row of most) {
    if (length > jsonPerStatement) break
    const text = JSON.stringify(json.of(row))
    texts.push(text)
    length += text.length
  }
  return { rows: most.slice(0, texts.length), texts }
}

/** Writes new rows, a statement for each chunk. */
const writeNew = Effect.fnUntraced(function* <Name extends Table>(
  edition: EditionTables.Edition,
  name: Name,
  rows: NewRows[Name],
) {
  const table: DerivedTables.DerivedTable<NewRows[Name][number]> = DerivedTables.tables[name]
  for (let start = 0; start < rows.length;) {
    const chunk = chunkFrom<NewRows[Name][number]>(table, rows, start)
    yield* insert(edition, name, table, chunk)
    start += chunk.rows.length
  }
})

/** The values of a column, as one parameter. */
const parameterOf = <Row>(
  column: DerivedTables.Column<Row>,
  { rows, texts }: Chunk<Row>,
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
      return PgArrays.texts(texts)
  }
}

/** Inserts all rows of a chunk by one statement, whose text does not depend on the rows. */
const insert = <Row>(
  { sql, id, table, onConflict }: EditionTables.Edition,
  name: Table,
  { columns, key, isUpserted = false }: DerivedTables.DerivedTable<Row>,
  chunk: Chunk<Row>,
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
    from unnest(${sql.csv(Object.values(columns).map((column) => sql`${parameterOf(column, chunk)}`))})
      as added (${sql.literal(names.join(", "))})
    ${isUpserted !== false ? onConflict(upsert) : sql``}`
}
