import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { DatabaseError } from "./Database.ts"

/** Steps that make or change tables, by name; names sort in the order of the steps. */
export type Migrations = Readonly<
  Record<string, Effect.Effect<unknown, SqlError.SqlError, SqlClient.SqlClient>>
>

/** Any number will do, as long as every process asks for the same one. */
const lock = 0x6f6e796d

/**
 * Runs each step that has not run yet, in the order of names, all in one transaction; of several
 * processes that start together one does, and the others wait for it.
 */
export const run = Effect.fn("Migrations.run")(
  function* (migrations: Migrations, table: string) {
    const sql = yield* SqlClient.SqlClient
    yield* sql.withTransaction(
      Effect.gen(function* () {
        yield* sql`select pg_advisory_xact_lock(${lock}::bigint)`
        yield* sql`create table if not exists ${sql(table)} (name text primary key)`
        const rows = yield* sql<{ readonly name: string }>`select name from ${sql(table)}`
        const done = new Set(rows.map((row) => row.name))
        for (const name of Object.keys(migrations).toSorted()) {
          const migration = migrations[name]
          if (migration === undefined || done.has(name)) continue
          yield* migration
          yield* sql`insert into ${sql(table)} (name) values (${name})`
        }
      }),
    )
  },
  Effect.mapError(
    (cause) => new DatabaseError({ reason: { _tag: "Unusable", location: "The database", cause } }),
  ),
)
