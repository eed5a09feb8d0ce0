import { Effect } from "effect"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import type { Table } from "../../rows/RowChanges.ts"
import * as EditionId from "../../migrations/EditionId.ts"

/** A name as it stands in a statement: it is a constant of ours and no input. */
const quoted = ({ schema }: Sql, name: string): string => `"${schema}"."${name}"`

/** Makes the partitions of an edition, detached and without indexes until they are full. */
export const make = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  const statements = DerivedTables.names.map((table) => {
    const own = quoted(sql, EditionId.partitionOf(table, edition))
    return `create table ${own} (like ${quoted(sql, table)});
      alter table ${own} alter column edition set statistics 0;`
  })
  yield* sql`do $$ begin ${sql.literal(statements.join("\n"))} end $$`
})

/** How many partitions are indexed at a time. */
const attachedTogether = 2

/** Attaches a partition to its table, which builds the table's indexes for it. */
const attach = Effect.fnUntraced(function* (table: Table, edition: string) {
  const sql = yield* SchemaClient
  const own = EditionId.partitionOf(table, edition)
  const values = `from (${edition}) to (${BigInt(edition) + 1n})`
  // Postgres finishes the statement of a killed rebuild: the next rebuild waits for its lock.
  const attaching = sql`do $$ begin
    lock table only ${sql.ours(table)} in share update exclusive mode;
    if not (select relispartition from pg_class where oid = ${sql.literal(`'${sql.nameOf(own)}'`)}::regclass) then
      alter table ${sql.ours(table)} attach partition ${sql.ours(own)} for values ${sql.literal(values)};
    end if;
  end $$`
  yield* Transaction.runPatiently(sql, attaching)
})

/** Attaches the full partitions of an edition that are not attached yet. */
export const attachAll = (edition: string, tables: ReadonlyArray<Table>) =>
  Effect.forEach(tables, (table) => attach(table, edition), {
    concurrency: attachedTogether,
    discard: true,
  })

/** How long `drop table` waits for the locks of readers, because later queries queue behind it. */
const lockTimeout = "100ms"

/** Drops the partitions of an edition, one after the other, so that no lock waits for another. */
const dropOneByOne = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  for (const table of DerivedTables.names) {
    const own = sql.ours(EditionId.partitionOf(table, edition))
    yield* sql`do $$ begin
      perform set_config('lock_timeout', ${sql.literal(`'${lockTimeout}'`)}, true);
      drop table if exists ${own};
    end $$`
  }
})

/** Drops all partitions of an edition in one step; fails at once, and drops none, where queries read their tables. */
const dropTogether = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  const own = DerivedTables.names.map((table) => quoted(sql, EditionId.partitionOf(table, edition)))
  const locked = [...DerivedTables.names.map((table) => `only ${quoted(sql, table)}`), ...own]
  yield* sql`do $$ begin
    lock table ${sql.literal(locked.join(", "))} in access exclusive mode nowait;
    drop table ${sql.literal(own.join(", "))};
  end $$`
})

/** True where an edition has all its partitions: some may be dropped already, or none made yet. */
const areAllThere = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  const own = DerivedTables.names.map((table) => sql.nameOf(EditionId.partitionOf(table, edition)))
  const rows = yield* sql`
    select 1 from unnest(${PgArrays.texts(own)}::text[]) as name where to_regclass(name) is not null`
  return rows.length === own.length
})

/** Drops the partitions of an edition: together if all exist and no query reads them, and else one by one. */
export const drop = (edition: string) =>
  Effect.catchTag(dropTogether(edition), "SqlError", (error) =>
    Effect.flatMap(areAllThere(edition), (areThere) =>
      areThere && error.reason._tag !== "LockTimeoutError"
        ? Effect.fail(error)
        : dropOneByOne(edition),
    ),
  )

/** Deletes the rows of editions that share partitions, all in one pass. */
export const deleteShared = Effect.fnUntraced(function* (editions: ReadonlyArray<number>) {
  const sql = yield* SchemaClient
  const shared = PgArrays.positions(editions)
  for (const table of DerivedTables.names) {
    const partition = sql.ours(`${table}_shared`)
    const deleting = sql`delete from ${partition} where edition = any(${shared}::bigint[])`
    yield* Transaction.runPatiently(sql, deleting)
  }
})
