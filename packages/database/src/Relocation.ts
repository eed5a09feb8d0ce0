import { Effect } from "effect"
import * as PgArrays from "./sql/PgArrays.ts"
import { SchemaClient } from "./sql/SchemaClient.ts"
import * as StepTable from "./StepTable.ts"

/** The schema of our tables formerSchema Onymous had one of its own. */
const formerSchema = "public"

/** Columns that tell our tables from others of the same name: each of ours has one of them. */
const ownColumns = ["edition", "project_id", "log_id"]

/** The tables and sequences of a package, and the steps that prove that they are ours. */
export interface PackageTables {
  /** Table of steps → the names of our steps. */
  readonly stepTables: ReadonlyMap<string, ReadonlySet<string>>
  readonly makes: ReadonlyArray<string>
}

interface Moved {
  readonly name: string
  readonly is_sequence: boolean
}

/** The tables of steps in `public` that have steps of ours. */
export const ownStepTables = Effect.fnUntraced(function* (
  stepTables: ReadonlyMap<string, ReadonlySet<string>>,
) {
  const ownTables = []
  for (const [table, names] of stepTables) {
    const done = yield* StepTable.read(formerSchema, table)
    if (typeof done !== "string" && !done.isDisjointFrom(names)) ownTables.push(table)
  }
  return ownTables
})

/**
 * Moves what an earlier version had made in `public` into the schema. A table of somebody else may be called
 * as one of ours is: ours has the owner of the steps and one of the ownColumns. Partitions are called as their
 * table is, with what they hold behind it.
 */
export const move = Effect.fnUntraced(function* ({ stepTables, makes }: PackageTables) {
  const sql = yield* SchemaClient
  if (sql.schema === formerSchema) return
  for (const table of stepTables.keys()) {
    if ((yield* StepTable.read(sql.schema, table)) !== "absent") return
  }
  const own = yield* ownStepTables(stepTables)
  if (own.length === 0) return
  const moved = yield* sql<Moved>`
    select c.relname::text as name, c.relkind = 'S' as is_sequence
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${formerSchema}
    where c.relkind in ('r', 'p', 'S')
      and c.relowner in (
        select relowner from pg_class where relnamespace = n.oid
          and relname = any(${PgArrays.texts(own)}::text[])
      ) and (
        c.relname = any(${PgArrays.texts(own)}::text[])
        or regexp_replace(c.relname, '_(shared|[0-9]+)$', '') = any(${PgArrays.texts(makes)}::text[])
          and (c.relkind = 'S' or exists (
            select 1 from pg_attribute where attrelid = c.oid
              and attname = any(${PgArrays.texts(ownColumns)}::text[])
          ))
      )`
  for (const { name, is_sequence } of moved) {
    const kind = sql.literal(is_sequence ? "sequence" : "table")
    yield* sql`alter ${kind} ${sql(`${formerSchema}.${name}`)} set schema ${sql(sql.schema)}`
  }
  yield* Effect.logInfo(
    `What Onymous had made in the schema ${formerSchema} is in the schema ${sql.schema} now.`,
  )
})
