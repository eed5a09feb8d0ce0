import { Effect } from "effect"
import * as PgArrays from "./sql/PgArrays.ts"
import { SchemaClient } from "./sql/SchemaClient.ts"
import * as StepTable from "./StepTable.ts"

/** Where all lay before Onymous had a schema of its own. */
const before = "public"

/** What marks a table as ours, beside its name: each of ours belongs to an edition, a project or a log. */
const marks = ["edition", "project_id", "log_id"]

/** The tables and sequences of a package, by name, and the steps that tell that they are ours. */
export interface Relocated {
  /** Tables that keep steps, with the names of steps that only we have. */
  readonly stepTables: ReadonlyMap<string, ReadonlySet<string>>
  readonly makes: ReadonlyArray<string>
}

interface Moved {
  readonly name: string
  readonly is_sequence: boolean
}

/** The tables in `public` that keep steps of ours. */
export const ownStepTables = Effect.fnUntraced(function* (
  stepTables: ReadonlyMap<string, ReadonlySet<string>>,
) {
  const own = []
  for (const [table, names] of stepTables) {
    const kept = yield* StepTable.read(before, table)
    if (typeof kept !== "string" && !kept.isDisjointFrom(names)) own.push(table)
  }
  return own
})

/**
 * Moves what an earlier version had made in `public` into the schema. A table of somebody else may be called
 * as one of ours is: ours has the owner of the steps and one of the marks. Partitions are called as their
 * table is, with what they hold behind it.
 */
export const move = Effect.fnUntraced(function* ({ stepTables, makes }: Relocated) {
  const sql = yield* SchemaClient
  if (sql.schema === before) return
  for (const table of stepTables.keys()) {
    if ((yield* StepTable.read(sql.schema, table)) !== "absent") return
  }
  const own = yield* ownStepTables(stepTables)
  if (own.length === 0) return
  const moved = yield* sql<Moved>`
    select c.relname::text as name, c.relkind = 'S' as is_sequence
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${before}
    where c.relkind in ('r', 'p', 'S')
      and c.relowner in (
        select relowner from pg_class where relnamespace = n.oid
          and relname = any(${PgArrays.texts(own)}::text[])
      ) and (
        c.relname = any(${PgArrays.texts(own)}::text[])
        or regexp_replace(c.relname, '_(shared|[0-9]+)$', '') = any(${PgArrays.texts(makes)}::text[])
          and (c.relkind = 'S' or exists (
            select 1 from pg_attribute where attrelid = c.oid
              and attname = any(${PgArrays.texts(marks)}::text[])
          ))
      )`
  for (const { name, is_sequence } of moved) {
    const kind = sql.literal(is_sequence ? "sequence" : "table")
    yield* sql`alter ${kind} ${sql(`${before}.${name}`)} set schema ${sql(sql.schema)}`
  }
  yield* Effect.logInfo(
    `What Onymous had made in the schema ${before} is in the schema ${sql.schema} now.`,
  )
})
