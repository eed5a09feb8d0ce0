import { describe, expect, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import * as Database from "../src/Database.ts"
import type { Options } from "../src/DatabaseSettings.ts"
import * as Migrations from "../src/Migrations.ts"
import { SchemaClient } from "../src/sql/SchemaClient.ts"
import * as Transaction from "../src/sql/Transaction.ts"

/** A package with a table, a partitioned one and a sequence. */
const migrations: Migrations.Migrations = {
  table: "steps",
  makes: ["projects", "pages", "numbers"],
  steps: {
    "0001_first": Effect.gen(function* () {
      const sql = yield* SchemaClient
      yield* sql`create table ${sql.ours("projects")} (log_id int)`
      yield* sql`create sequence ${sql.ours("numbers")}`
      yield* sql`create table ${sql.ours("pages")} (edition bigint) partition by range (edition)`
      yield* sql`create table ${sql.ours("pages_shared")} partition of ${sql.ours("pages")}
        for values from (0) to (100)`
      yield* sql`create table ${sql.ours("pages_100")} (like ${sql.ours("pages")})`
      yield* sql`insert into ${sql.ours("projects")} values (7)`
    }),
  },
}

const other: Migrations.Migrations = {
  table: "other_steps",
  makes: ["others"],
  steps: {
    "0001_other": Effect.gen(function* () {
      const sql = yield* SchemaClient
      yield* sql`create table ${sql.ours("others")} (edition int)`
    }),
  },
}

const foreignTables = [
  `create table public.projects (log_id text)`,
  `create table public.steps (name text, done boolean)`,
  `create table public.pages (title text)`,
]

const run = (sql: SchemaClient["Service"], statements: ReadonlyArray<string>) =>
  Effect.forEach(statements, (text) => sql.unsafe(text), { discard: true })

/** All tables and sequences, schema by schema. */
const all = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly name: string }>`
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
    where c.relkind in ('r', 'p', 'S') and n.nspname !~ '^(pg_|information_schema)' order by 1`
  return rows.map(({ name }) => name)
})

const ours = (schema: string) =>
  ["numbers", "pages", "pages_100", "pages_shared", "projects", "steps"].map(
    (name) => `${schema}.${name}`,
  )

type Empty = Effect.Effect<string, unknown, Scope.Scope>

const on = <A, E>(
  location: string,
  effect: Effect.Effect<A, E, SchemaClient | Database.Database>,
  options: Options = {},
) => Effect.provide(effect, Database.layer(location, options), { local: true })

/** Migrations keep our tables apart from those of others, on a database that is empty at first. */
export const contract = (name: string, empty: Empty) =>
  describe(`Migrations on ${name}`, () => {
    it.live("what is made lies in the schema of its own, whatever else there is", () =>
      Effect.gen(function* () {
        const location = yield* empty
        yield* on(
          location,
          Effect.flatMap(SchemaClient, (sql) => run(sql, foreignTables)),
        )
        yield* on(location, Migrations.run(migrations))
        yield* on(location, Migrations.run(migrations), { schema: "another" })
        const foreign = ["public.pages", "public.projects", "public.steps"]
        expect(yield* on(location, all)).toEqual([
          ...ours("another"),
          ...ours("onymous"),
          ...foreign,
        ])
      }),
    )

    it.live(
      "where every step has run nothing is written, and a step that has not run still is",
      () =>
        Effect.gen(function* () {
          const location = yield* empty
          yield* on(location, Migrations.run(migrations))
          const reading = Effect.fnUntraced(function* (
            ...all: ReadonlyArray<Migrations.Migrations>
          ) {
            const sql = yield* SchemaClient
            const statement = sql`set transaction read only`
            yield* Transaction.run(sql, Effect.andThen(statement, Migrations.run(...all)))
          })
          yield* on(location, reading(migrations))
          const refused = yield* Effect.flip(on(location, reading(migrations, other)))
          expect(refused.message).toContain("read-only transaction")
          yield* on(location, Migrations.run(migrations, other))
          yield* on(location, reading(migrations, other))
        }),
    )

    it.live("what an earlier version made in public is moved, and nothing of anybody else", () =>
      Effect.gen(function* () {
        const location = yield* empty
        yield* on(location, Migrations.run(migrations), { schema: "public" })
        const foreign = [
          `create table public.others (title text)`,
          `create table public.pages_new ()`,
        ]
        yield* on(
          location,
          Effect.flatMap(SchemaClient, (sql) => run(sql, foreign)),
        )
        yield* on(location, Migrations.run(migrations, other))
        yield* on(location, Migrations.run(migrations, other))
        expect(yield* on(location, all)).toEqual([
          ...[...ours("onymous"), "onymous.other_steps", "onymous.others"].toSorted(),
          "public.others",
          "public.pages_new",
        ])
        const kept = Effect.flatMap(
          SchemaClient,
          (sql) => sql`select * from ${sql.ours("projects")}`,
        )
        expect(yield* on(location, kept)).toEqual([{ log_id: 7 }])
      }),
    )

    it.live("a table of somebody else in the schema is named, and nothing is written", () =>
      Effect.gen(function* () {
        const location = yield* empty
        const before = [`create schema onymous`, `create table onymous.others (n int)`]
        yield* on(
          location,
          Effect.flatMap(SchemaClient, (sql) => run(sql, before)),
        )
        const refused = yield* Effect.flip(on(location, Migrations.run(migrations, other)))
        expect(refused.reason).toEqual({ _tag: "Foreign", schema: "onymous", table: "others" })
        expect(refused.message).toContain("The schema onymous has a table others")
        expect(yield* on(location, all)).toEqual(["onymous.others"])
        yield* on(location, Migrations.run(migrations, other), { schema: "elsewhere" })
      }),
    )

    it.live("a table of steps that is somebody else's is named as well", () =>
      Effect.gen(function* () {
        const location = yield* empty
        const before = [`create schema onymous`, `create table onymous.steps (name text, n int)`]
        yield* on(
          location,
          Effect.flatMap(SchemaClient, (sql) => run(sql, before)),
        )
        const refused = yield* Effect.flip(on(location, Migrations.run(migrations)))
        expect(refused.reason).toMatchObject({ _tag: "Foreign", table: "steps" })
      }),
    )

    it.live("whoever only asks finds nothing where nothing was made, and makes nothing", () =>
      Effect.gen(function* () {
        const location = yield* empty
        yield* on(
          location,
          Effect.flatMap(SchemaClient, (sql) => run(sql, foreignTables)),
        )
        const refused = yield* Effect.flip(on(location, Migrations.require(migrations)))
        expect(refused.message).toMatch(/^There is no Onymous in the schema onymous of /)
        expect(yield* on(location, all)).toEqual([
          "public.pages",
          "public.projects",
          "public.steps",
        ])
        yield* on(location, Migrations.run(migrations), { schema: "public2" })
        yield* on(location, Migrations.require(migrations), { schema: "public2" })
      }),
    )

    it.live.each(["", "Onymous", "pg_mine", "1st", 'a"b', "x".repeat(64), "a.b"])(
      "the schema %j is refused before anything is opened",
      (schema) =>
        Effect.gen(function* () {
          const refused = yield* Effect.flip(on("memory", all, { schema }))
          expect(refused).toMatchObject({ reason: { _tag: "Refused", field: "schema" } })
        }),
    )
  })
