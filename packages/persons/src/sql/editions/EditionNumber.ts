import type { Sql } from "@onymous/database/sql/SchemaClient"
import * as EditionId from "../../migrations/EditionId.ts"

/** The greatest number of an edition in a table, out of its index; of an edition apart, without what sets it apart. */
const greatestIn = (sql: Sql, table: "checkpoints" | "retired_editions") => sql`
  (select max(edition) from ${sql.ours(table)} where edition < ${EditionId.apartFrom}),
  (select max(edition) - ${EditionId.apartFrom}::bigint from ${sql.ours(table)} where edition >= ${EditionId.apartFrom})`

/**
 * A number that no edition has, as part of a statement. The sequence is behind the tables where these alone were
 * restored: then it is called until it is past them, and never set, because two processes would set it back under each
 * other.
 */
export const next = (sql: Sql) => {
  const number = sql`nextval(${sql.nameOf("editions")}::text::regclass)`
  return sql`(
    with taken as materialized (select ${number} as number), known as materialized (
      select greatest(0, ${greatestIn(sql, "checkpoints")}, ${greatestIn(sql, "retired_editions")}) as number
    ) select case when taken.number > known.number then taken.number
      else (select max(${number}) from generate_series(taken.number, known.number)) end from taken, known)`
}
