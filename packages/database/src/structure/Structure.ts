import { Effect } from "effect"
import { DatabaseError } from "../DatabaseError.ts"
import * as Denial from "../Denial.ts"
import { SchemaClient } from "../sql/SchemaClient.ts"

/** A unique index on which statements rely. */
export interface Unique {
  readonly name: string
  readonly table: string
  readonly columns: ReadonlyArray<string>
  /** The condition of a partial index. */
  readonly where?: string
  readonly isPrimary?: boolean
}

/** The tables, partitions and unique indexes that the steps of a package make. */
export interface Structure {
  readonly tables: ReadonlyArray<string>
  /** The partitions that every version has, by their tables. */
  readonly partitions?: Readonly<Record<string, string>>
  readonly uniques: ReadonlyArray<Unique>
}

/** The parts of a structure that a database has lost. */
export interface Lost {
  readonly tables: ReadonlyArray<string>
  readonly partitions: ReadonlyArray<string>
  readonly uniques: ReadonlyArray<Unique>
}

interface UniqueRow {
  readonly table: string
  readonly columns: ReadonlyArray<string>
  /** The condition of a partial index as Postgres writes it, without brackets. */
  readonly where: string
}

/** Indexes count by their columns, because `on conflict` finds them by these, whatever their names are. */
const keyOf = ({ table, columns, where = "" }: Omit<Unique, "name">): string =>
  [table, ...columns.toSorted(), where].join(" ")

/** The names of tables, and those of attached partitions. */
const relations = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly name: string; readonly parent: string | null }>`
    select c.relname::text as name, p.relname::text as parent
    from pg_class c join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${sql.schema}
      left join pg_inherits i on i.inhrelid = c.oid left join pg_class p on p.oid = i.inhparent
    where c.relkind in ('r', 'p')`
  return new Map(rows.map(({ name, parent }) => [name, parent]))
})

/** The keys of the unique indexes that hold. */
const uniqueKeys = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<UniqueRow>`
    select c.relname::text as table,
      lower(translate(coalesce(pg_get_expr(x.indpred, x.indrelid), ''), '()', '')) as where,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum = any(x.indkey::int2[])) as columns
    from pg_index x join pg_class c on c.oid = x.indrelid
      join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${sql.schema}
    where x.indisunique and x.indisvalid and x.indexprs is null`
  return new Set(rows.map(keyOf))
})

/** The parts of a structure that are not in our schema, as after a partial restore; changes nothing. */
export const lostOf = Effect.fnUntraced(function* (structure: Structure) {
  const { tables, partitions = {}, uniques } = structure
  const [found, keys] = [yield* relations, yield* uniqueKeys]
  const lost: Lost = {
    tables: tables.filter((table) => !found.has(table)),
    partitions: Object.entries(partitions).flatMap(([table, partition]) =>
      found.get(partition) === table ? [] : [partition],
    ),
    uniques: uniques.filter((unique) => found.has(unique.table) && !keys.has(keyOf(unique))),
  }
  return lost
})

/** The SQL that makes a unique index again. */
export const sqlOf = (
  { name, table, columns, where, isPrimary = false }: Unique,
  schema: string,
): string => {
  const of = `(${columns.join(", ")})`
  return isPrimary
    ? `alter table ${schema}.${table} add constraint ${name} primary key ${of};`
    : `create unique index ${name} on ${schema}.${table} ${of}${where === undefined ? "" : ` where ${where}`};`
}

/** Fails where one of these unique indexes is lost, because an append would then record an event twice. */
export const requireUniques = (uniques: ReadonlyArray<Unique>) =>
  Effect.gen(function* () {
    const { schema } = yield* SchemaClient
    const [lost] = (yield* lostOf({ tables: [], uniques })).uniques
    if (lost === undefined) return
    const { name, table } = lost
    return yield* new DatabaseError({
      reason: { _tag: "Incomplete", schema, table, index: name, sql: sqlOf(lost, schema) },
    })
  }).pipe(Effect.catchTag("SqlError", (cause) => Effect.flatMap(Denial.of(cause), Effect.fail)))
