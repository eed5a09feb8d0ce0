import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Editions from this number on lie apart, each in partitions of its own. */
const apartFrom = "1099511627776"

const derived = [
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
  "waiting_events",
  "personless_ids",
  "generations",
  "refusals",
  "policies",
]

/**
 * A table is partitioned by edition: most editions share one partition, one of a long log can have its
 * own, which is filled without indexes and goes with one `drop table`. What was derived is derived again:
 * its hashes were made another way.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const table of derived) yield* partition(table)
  yield* sql`truncate checkpoints`
  yield* sql`alter table checkpoints add column stage text not null default 'ready',
    add column beats bigint not null default 0`
  yield* sql`create table retired_editions (edition bigint primary key)`
})

interface Index {
  readonly name: string
  readonly definition: string
  readonly is_primary: boolean
}

/** The table as it is becomes the shared partition of a new one with the same columns and indexes. */
const partition = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SqlClient.SqlClient
  const shared = `${table}_shared`
  const indexes = yield* sql<Index>`
    select c.relname as name, pg_get_indexdef(i.indexrelid) as definition,
      i.indisprimary as is_primary
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${table}::text::regclass`
  yield* sql`truncate ${sql(table)}`
  yield* sql`alter table ${sql(table)} rename to ${sql(shared)}`
  yield* sql`create table ${sql(table)} (like ${sql(shared)}) partition by range (edition)`
  yield* sql`alter table ${sql(table)} alter column edition set statistics 0`
  yield* sql`alter table ${sql(table)} attach partition ${sql(shared)}
    for values from (minvalue) to (${sql.literal(apartFrom)})`
  for (const { name, definition, is_primary } of indexes) {
    yield* sql`alter index ${sql(name)} rename to ${sql(`${name}_shared`)}`
    const columns = definition.slice(definition.indexOf("USING"))
    yield* is_primary
      ? sql`alter table ${sql(table)} add primary key ${sql.literal(columns.replace("USING btree ", ""))}`
      : sql`create index ${sql(name)} on ${sql(table)} ${sql.literal(columns)}`
  }
})
