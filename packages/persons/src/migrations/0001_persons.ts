import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as DerivedTables from "../rows/DerivedTables.ts"
import type { Table } from "../rows/RowChanges.ts"
import { apartFrom } from "./EditionId.ts"

/**
 * The tables of the read model. Derived tables are partitioned by edition. Most editions share one partition; the
 * edition of a long log can have its own, which is filled without indexes and dropped by one `drop table`.
 */
export default Effect.gen(function* () {
  yield* checkpoints
  for (const table of DerivedTables.names) yield* derived(table)
})

const checkpoints = Effect.gen(function* () {
  const sql = yield* SchemaClient
  // The sequence outlives the tables: an edition's number is never given twice, so that a stale checkpoint finds no rows.
  yield* sql`create sequence if not exists ${sql.ours("editions")}`
  yield* sql`create table ${sql.ours("checkpoints")} (
    edition bigint primary key,
    project_id text collate "C" not null,
    is_live boolean not null,
    stage text not null,
    derivation_version integer not null,
    position bigint not null,
    epoch bigint not null,
    state_hash text not null,
    policy json not null,
    log_id uuid not null,
    last_uuid uuid
  )`
  yield* sql`create unique index checkpoints_live on ${sql.ours("checkpoints")} (project_id) where is_live`
  yield* sql`create unique index checkpoints_making on ${sql.ours("checkpoints")} (project_id) where not is_live`
  yield* sql`create table ${sql.ours("edition_beats")} (
    edition bigint primary key,
    beats bigint not null,
    beaten_at timestamptz not null default now()
  )`
  yield* sql`create table ${sql.ours("retired_editions")} (edition bigint primary key, events bigint not null)`
})

const derived = Effect.fnUntraced(function* (name: Table) {
  const sql = yield* SchemaClient
  const { key, indexes = {} } = DerivedTables.tables[name]
  const shared = `${name}_shared`
  yield* sql`create table ${sql.ours(name)} (${sql.literal(columnsOf(name).join(", "))})
    partition by range (edition)`
  yield* sql`create table ${sql.ours(shared)} partition of ${sql.ours(name)}
    for values from (minvalue) to (${sql.literal(`${apartFrom}`)})`
  // No primary key: pg_restore --clean fails on constraints that partitions inherit.
  yield* sql`create unique index ${sql(`${name}_key`)} on ${sql.ours(name)} (${sql.literal(key.join(", "))})`
  for (const [index, definition] of Object.entries(indexes)) {
    yield* sql`create index ${sql(`${name}_${index}`)} on ${sql.ours(name)} ${sql.literal(definition)}`
  }
  // Statistics would miss new editions, for which Postgres would then pick any index that begins with the edition, and read
  // the whole of it.
  yield* sql`alter table ${sql.ours(name)} alter column edition set statistics 0`
  yield* sql`alter table ${sql.ours(shared)} alter column edition set statistics 0`
})

const columnsOf = (name: Table): ReadonlyArray<string> => [
  "edition bigint not null",
  ...Object.entries(DerivedTables.tables[name].columns).map(([column, { type, ...rest }]) => {
    const sqlType = type === "id" ? `text collate "C"` : type
    return `${column} ${sqlType}${"isNullable" in rest ? "" : " not null"}`
  }),
]
