import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import { DatabaseError } from "./Database.ts"
import * as Transaction from "./sql/Transaction.ts"

type Step = Effect.Effect<unknown, SqlError.SqlError, SqlClient.SqlClient>

/** What makes or changes the tables of a package. */
export interface Migrations {
  /** The table that keeps which steps have run. */
  readonly table: string
  /** By name; names sort in the order of the steps. */
  readonly steps: Readonly<Record<string, Step>>
  /** The steps that were there before the first one of now, each kind of them by itself. */
  readonly former?: ReadonlyArray<Former>
}

/** The steps of an earlier version: a database that ran them gets an upgrade to what the first step of now makes. */
export interface Former {
  readonly table: string
  readonly names: ReadonlyArray<string>
  /** From the tables that these steps have made. */
  readonly bring: (done: ReadonlySet<string>) => Step
}

/** Any number will do, as long as every process asks for the same one. */
const lock = 0x6f6e796d

const doneIn = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ readonly is_there: boolean }>`
    select to_regclass(${table}::text) is not null as is_there`
  if (found?.is_there !== true) return new Set<string>()
  const rows = yield* sql<{ readonly name: string }>`select name from ${sql(table)}`
  return new Set(rows.map((row) => row.name))
})

/** Brings what former steps have made to where the first step leads: from then on, it has run. */
const bring = Effect.fnUntraced(function* (first: string, table: string, former: Former) {
  const sql = yield* SqlClient.SqlClient
  const done = yield* doneIn(former.table)
  const known = new Set(former.names.filter((name) => done.has(name)))
  if (known.size === 0) return
  yield* former.bring(known)
  if (former.table === table) yield* sql`delete from ${sql(table)}`
  else yield* sql`drop table ${sql(former.table)}`
  yield* sql`insert into ${sql(table)} (name) values (${first})`
})

const migrate = Effect.fnUntraced(function* ({ table, steps, former = [] }: Migrations) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`select pg_advisory_xact_lock(${lock}::bigint)`
  const names = Object.keys(steps).toSorted()
  const isFormer = (name: string) =>
    former.some((each) => each.table === table && each.names.includes(name))
  for (const name of yield* doneIn(table)) {
    if (!names.includes(name) && !isFormer(name)) return yield* later(name)
  }
  yield* sql`create table if not exists ${sql(table)} (name text primary key)`
  const [first] = names
  if (first !== undefined) for (const each of former) yield* bring(first, table, each)
  const done = yield* doneIn(table)
  for (const name of names) {
    const step = steps[name]
    if (step === undefined || done.has(name)) continue
    yield* step
    yield* sql`insert into ${sql(table)} (name) values (${name})`
  }
})

const later = (step: string) => new DatabaseError({ reason: { _tag: "Later", step } })

/**
 * Runs each step that has not run yet, in the order of names, all in one transaction; of several
 * processes that start together one does, and the others wait for it.
 */
export const run = Effect.fn("Migrations.run")(
  function* (migrations: Migrations) {
    const sql = yield* SqlClient.SqlClient
    yield* Transaction.runPatiently(sql, migrate(migrations))
  },
  Effect.mapError((cause) =>
    cause instanceof DatabaseError
      ? cause
      : new DatabaseError({ reason: { _tag: "Unusable", location: "The database", cause } }),
  ),
)
