import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import { Database } from "./Database.ts"
import { DatabaseError } from "./DatabaseError.ts"
import * as Denial from "./Denial.ts"
import * as Transaction from "./sql/Transaction.ts"
import * as Relocation from "./Relocation.ts"
import { SchemaClient } from "./sql/SchemaClient.ts"
import * as StepTable from "./StepTable.ts"

type Step = Effect.Effect<unknown, SqlError.SqlError, SchemaClient>

/** The steps that make and change the tables of a package. */
export interface Migrations {
  /** The table that keeps which steps have run. */
  readonly table: string
  /** The names of the tables and sequences that the steps make; no step runs where one of them is not ours. */
  readonly makes: ReadonlyArray<string>
  /** By name; names sort in the order of the steps. */
  readonly steps: Readonly<Record<string, Step>>
  /** Earlier series of steps, which the current first step replaces. */
  readonly former?: ReadonlyArray<Former>
}

/** An earlier series of steps, and the upgrade from its tables to those of the current first step. */
export interface Former {
  readonly table: string
  readonly names: ReadonlyArray<string>
  /** Upgrades from the tables that these steps have made. */
  readonly bring: (done: ReadonlySet<string>) => Step
}

/** The key of the advisory lock of migrations: any number, as long as all processes use the same. */
const lock = 0x6f6e796d

const none: ReadonlySet<string> = new Set()

const doneIn = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SchemaClient
  const names = yield* StepTable.read(sql.schema, table)
  if (names === "foreign") return yield* foreign(sql.schema, table)
  return names === "absent" ? none : names
})

/** Upgrades the tables of former steps, and notes that the current first step has run. */
const bring = Effect.fnUntraced(function* (first: string, table: string, former: Former) {
  const sql = yield* SchemaClient
  const done = yield* doneIn(former.table)
  const formerDone = new Set(former.names.filter((name) => done.has(name)))
  if (formerDone.size === 0) return
  yield* former.bring(formerDone)
  if (former.table === table) yield* sql`delete from ${sql.ours(table)}`
  else yield* sql`drop table ${sql.ours(former.table)}`
  yield* sql`insert into ${sql.ours(table)} (name) values (${first})`
})

/** Table → the names of its steps, current and former. */
const stepTablesOf = ({ table, steps, former = [] }: Migrations) =>
  new Map([
    [table, new Set(Object.keys(steps))] as const,
    ...former.map(
      (each) =>
        [
          each.table,
          new Set([...each.names, ...(each.table === table ? Object.keys(steps) : [])]),
        ] as const,
    ),
  ])

/** Refuses a schema that has tables with names of ours although none of our steps has run in it. */
const refuseForeign = Effect.fnUntraced(function* (migrations: Migrations) {
  const sql = yield* SchemaClient
  for (const table of stepTablesOf(migrations).keys()) {
    if ((yield* doneIn(table)).size > 0) return
  }
  for (const name of migrations.makes) {
    const [found] = yield* sql<{ readonly is_there: boolean }>`
      select to_regclass(${sql.nameOf(name)}::text) is not null as is_there`
    if (found?.is_there === true) return yield* foreign(sql.schema, name)
  }
})

const migrate = Effect.fnUntraced(function* ({ table, steps, former = [] }: Migrations) {
  const sql = yield* SchemaClient
  const names = Object.keys(steps).toSorted()
  const isFormer = (name: string) =>
    former.some((each) => each.table === table && each.names.includes(name))
  for (const name of yield* doneIn(table)) {
    if (!names.includes(name) && !isFormer(name)) return yield* later(name)
  }
  yield* sql`create table if not exists ${sql.ours(table)} (name text primary key)`
  const [first] = names
  if (first !== undefined) for (const each of former) yield* bring(first, table, each)
  const done = yield* doneIn(table)
  for (const name of names) {
    const step = steps[name]
    if (step === undefined || done.has(name)) continue
    // Logged, because a step may take minutes on a long log.
    if (done.size > 0) yield* Effect.logInfo(`Changing the tables: ${name} …`)
    yield* step
    yield* sql`insert into ${sql.ours(table)} (name) values (${name})`
  }
})

const later = (step: string) => new DatabaseError({ reason: { _tag: "Later", step } })

const foreign = (schema: string, table: string) =>
  new DatabaseError({ reason: { _tag: "Foreign", schema, table } })

/** Makes the schema if it is absent: `create schema if not exists` would need the right even where it exists. */
const makeSchema = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const found = yield* sql`select 1 from pg_namespace where nspname = ${sql.schema}`
  if (found.length === 0) yield* sql`create schema if not exists ${sql(sql.schema)}`
})

const migrateAll = Effect.fnUntraced(function* (all: ReadonlyArray<Migrations>) {
  const sql = yield* SchemaClient
  yield* sql`select pg_advisory_xact_lock(${lock}::integer, hashtext(${sql.schema}))`
  yield* makeSchema
  for (const migrations of all) {
    const { makes } = migrations
    yield* Relocation.move({ stepTables: stepTablesOf(migrations), makes })
  }
  yield* Effect.forEach(all, refuseForeign)
  yield* Effect.forEach(all, migrate)
})

const explainDenial = <A, R>(
  effect: Effect.Effect<A, DatabaseError | SqlError.SqlError, R>,
): Effect.Effect<A, DatabaseError, R | SchemaClient | Database> =>
  Effect.catchTag(effect, "SqlError", (cause) => Effect.flatMap(Denial.of(cause), Effect.fail))

/**
 * Fails where no step has ever run, neither in the schema nor in `public`, where earlier versions had their tables;
 * changes nothing.
 */
export const require = (
  migrations: Migrations,
): Effect.Effect<void, DatabaseError, SchemaClient | Database> =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const stepTables = stepTablesOf(migrations)
    for (const table of stepTables.keys()) if ((yield* doneIn(table)).size > 0) return
    if ((yield* Relocation.ownStepTables(stepTables)).length > 0) return
    const location = `the schema ${sql.schema} of ${(yield* Database).place}`
    return yield* new DatabaseError({ reason: { _tag: "Absent", location } })
  }).pipe(explainDenial)

/** The steps of a package that a database lacks, and those of a later version that it has; changes nothing. */
export const stateOf = (migrations: Migrations) =>
  Effect.gen(function* () {
    const { table, steps, former = [] } = migrations
    const stepTables = stepTablesOf(migrations)
    const earlier = new Set(former.flatMap(({ names }) => names))
    const names = Object.keys(steps)
    const done = yield* doneIn(table)
    const others = yield* Effect.forEach(stepTables.keys(), doneIn)
    const isInPublic = (yield* Relocation.ownStepTables(stepTables)).length > 0
    return {
      isThere: isInPublic || others.some(({ size }) => size > 0),
      missing: names.filter((name) => !done.has(name)),
      later: [...done].filter((name) => !names.includes(name) && !earlier.has(name)),
    }
  }).pipe(explainDenial)

/** Fails where a step has not run, or a step of a later version has; changes nothing. */
export const check = (
  ...all: ReadonlyArray<Migrations>
): Effect.Effect<void, DatabaseError, SchemaClient | Database> =>
  Effect.forEach(
    all,
    Effect.fnUntraced(function* (migrations) {
      const { missing, later: unknown } = yield* stateOf(migrations)
      const [first] = unknown
      if (first !== undefined) return yield* later(first)
      const { schema } = yield* SchemaClient
      if (missing.length > 0) {
        return yield* new DatabaseError({ reason: { _tag: "NotMigrated", schema, missing } })
      }
    }),
    { discard: true },
  )

/** True where every step has run, no other one, and no tables of former steps are left to upgrade. */
const isDone = Effect.fnUntraced(function* ({ table, steps, former = [] }: Migrations) {
  const names = Object.keys(steps)
  const done = yield* doneIn(table)
  if (done.size !== names.length || !names.every((name) => done.has(name))) return false
  const others = former.filter((each) => each.table !== table)
  return (yield* Effect.forEach(others, (each) => doneIn(each.table))).every(
    ({ size }) => size === 0,
  )
})

/**
 * Runs the steps that have not run yet, package by package in the order of names, in one transaction: a failure
 * leaves everything as it was. Of several processes that start together one runs them, and the others wait. Where all
 * have run it only looks, because a standby, or a role that may make nothing, refuses even a lock or an unneeded
 * `create table if not exists`.
 */
export const run = (
  ...all: ReadonlyArray<Migrations>
): Effect.Effect<void, DatabaseError, SchemaClient | Database> =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    if ((yield* Effect.forEach(all, isDone)).every((isIt) => isIt)) return
    yield* Transaction.runPatiently(sql, migrateAll(all))
  }).pipe(explainDenial, Effect.withSpan("Migrations.run"))
