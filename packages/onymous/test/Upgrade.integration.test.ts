import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as OnymousLayer from "../src/OnymousLayer.ts"
import * as Upgrade from "./upgrade.ts"

/** The steps that make the tables of a log, each once. */
const steps = ["0001_log", "0002_seals", "0003_keys", "0004_acts", "0005_inbox", "0006_drain"].map(
  (name) => ({
    name,
  }),
)

const postgresUrl = inject("postgresUrl")

/** Tables, columns and indexes of a database, and the migration steps that it has. */
const schema = Effect.gen(function* () {
  const sql = yield* SchemaClient
  return {
    log: yield* sql`select name from ${sql.ours("log_migrations")}`,
    persons: yield* sql`select name from ${sql.ours("persons_migrations")}`,
    columns: yield* sql`select table_name, column_name, data_type, collation_name, is_nullable
      from information_schema.columns where table_schema = ${sql.schema} order by 1, 2`,
    public: yield* sql`select relname from pg_class where relnamespace = 'public'::regnamespace
      order by 1`,
    indexes:
      yield* sql`select indexdef from pg_indexes where schemaname = ${sql.schema} order by 1`,
  }
})

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "what 0.1.0 had is opened by two at once: its log is kept, and what was derived is derived again",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        yield* Upgrade.fill(url)
        yield* Effect.all([Upgrade.opened(url), Upgrade.opened(url)], { concurrency: 2 })
        const upgraded = yield* Effect.provide(schema, Database.layer(url), { local: true })
        const other = yield* TestDatabase.fresh(postgresUrl)
        yield* Effect.scoped(Layer.build(OnymousLayer.layer(other)))
        expect(upgraded).toEqual(
          yield* Effect.provide(schema, Database.layer(other), { local: true }),
        )
        expect(upgraded.log).toEqual(steps)
      }),
    600_000,
  )

  it.live(
    "what 0.1.0 had is found in public, and tables of others with our names stay as they are",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const foreign = Effect.flatMap(
          SchemaClient,
          (sql) => sql`select * from shop.events, shop.persons, shop.log_migrations`,
        )
        const others = [
          "create schema shop",
          "create table shop.events as select 'concert' as title",
          "create table shop.persons as select 'ann' as singer",
          "create table shop.log_migrations as select 1 as version",
          "do $$ begin execute format('alter database %I set search_path = shop, public', current_database()); end $$",
        ]
        yield* Upgrade.fill(url)
        yield* Effect.flatMap(SchemaClient, (sql) =>
          Effect.forEach(others, (statement) => sql.unsafe(statement)),
        ).pipe(Effect.provide(Database.layer(url), { local: true }))
        yield* Upgrade.opened(url)
        expect(yield* Effect.provide(foreign, Database.layer(url), { local: true })).toEqual([
          { title: "concert", singer: "ann", version: 1 },
        ])
      }),
    600_000,
  )

  it.live("a database in which others have tables with our names is used beside them", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const names = ["events", "persons", "links", "projects", "log_migrations", "editions"]
      const made = Effect.flatMap(SchemaClient, (sql) =>
        Effect.forEach(names, (name) => sql`create table ${sql(`public.${name}`)} (name text)`),
      )
      yield* Effect.provide(made, Database.layer(url), { local: true })
      yield* Effect.scoped(Layer.build(OnymousLayer.layer(url)))
      const left = yield* Effect.provide(schema, Database.layer(url), { local: true })
      expect(left.public.map(({ relname }) => relname)).toEqual(names.toSorted())
      expect(left.log).toEqual(steps)
    }),
  )
})
