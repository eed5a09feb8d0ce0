import { Effect } from "effect"
import { SchemaClient } from "./sql/SchemaClient.ts"

/** The steps in a table of steps; `foreign` where the table of that name is not ours. */
export type StepNames = ReadonlySet<string> | "absent" | "foreign"

interface Found {
  readonly columns: ReadonlyArray<string>
  readonly is_readable: boolean
}

/** Reads the steps in a table of a schema. */
export const read = Effect.fnUntraced(function* (schema: string, table: string) {
  const sql = yield* SchemaClient
  const [found] = yield* sql<Found>`
    select array(select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
      has_table_privilege(c.oid, 'select') as is_readable
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${table}`
  if (found === undefined) return "absent" satisfies StepNames
  // In our own schema an unreadable table is asked all the same, so that the database itself says why.
  const isAsked = found.is_readable || schema === sql.schema
  if (!isAsked || found.columns.join() !== "name") return "foreign" satisfies StepNames
  const rows = yield* sql<{ readonly name: string }>`
    select name::text as name from ${sql(`${schema}.${table}`)}`
  return new Set(rows.map((row) => row.name)) satisfies StepNames
})
