import { Effect } from "effect"
import { SchemaClient } from "./SchemaClient.ts"

/** The facts about a database that may endanger its contents. */
export interface DatabaseFacts {
  readonly version: string
  /** 150018 for 15.18. */
  readonly versionNumber: number
  /** The time of its clock, in epoch milliseconds. */
  readonly now: number
  /** Bytes. */
  readonly size: number
  readonly role: string
  readonly connectionsMax: number
  readonly connectionsUsed: number
  readonly isReadOnly: boolean
  /** The settings that are off although committed data may be lost without them. */
  readonly unsafe: ReadonlyArray<string>
  /** Our tables for which the role lacks privileges. */
  readonly lacks: ReadonlyArray<{ readonly table: string; readonly privileges: string }>
}

interface Row {
  readonly version: string
  readonly version_number: number
  readonly now: number
  readonly size: number
  readonly role: string
  readonly connections_max: number
  readonly connections_used: number
  readonly is_read_only: boolean
  readonly unsafe: ReadonlyArray<string>
}

/** Reads the facts about the database; changes nothing. */
export const read = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [row] = yield* sql<Row>`
    select current_setting('server_version') as version,
      current_setting('server_version_num')::int as version_number, clock_timestamp() as now,
      pg_database_size(current_database()) as size, quote_ident(current_user) as role,
      current_setting('max_connections')::int as connections_max,
      (select count(*)::int from pg_stat_activity where datname is not null) as connections_used,
      pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as is_read_only,
      array(select name::text from unnest(array['fsync', 'full_page_writes', 'synchronous_commit']) as name
        where current_setting(name) = 'off') as unsafe`
  const lacks = yield* sql<DatabaseFacts["lacks"][number]>`
    select * from (
      select c.relname::text as table, array_to_string(array(
        select privilege from unnest(array['select', 'insert', 'update', 'delete']) as privilege
        where not has_table_privilege(c.oid, privilege)), ', ') as privileges
      from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${sql.schema}
      where c.relkind in ('r', 'p')
    ) tables where privileges <> '' order by 1`
  if (row === undefined) return yield* Effect.die(new Error("A select of one row has none."))
  const facts: DatabaseFacts = {
    version: row.version,
    versionNumber: row.version_number,
    now: row.now,
    size: row.size,
    role: row.role,
    connectionsMax: row.connections_max,
    connectionsUsed: row.connections_used,
    isReadOnly: row.is_read_only,
    unsafe: row.unsafe,
    lacks,
  }
  return facts
})
