import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { migrations } from "../src/sql/PersonsMigrations.ts"

const migrated = Migrations.run(migrations)

const isThere = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SchemaClient
  const [found] = yield* sql<{ readonly is_there: boolean }>`
    select to_regclass(${sql.nameOf(table)}::text) is not null as is_there`
  return found?.is_there
})

it.live(
  "what an earlier version derived, into other tables, is derived again into those of now",
  () =>
    Effect.gen(function* () {
      const sql = yield* SchemaClient
      yield* migrated
      yield* sql`insert into ${sql.ours("checkpoints")} values
      (7, 'p', true, 'ready', 3, 5, 1, '', '{}', gen_random_uuid(), null)`
      yield* sql`drop table ${sql.ours("links")}`
      yield* sql`update ${sql.ours("persons_migrations")} set name = 'derived_0003'`
      yield* migrated
      expect(yield* isThere("links_shared")).toBe(true)
      expect(yield* sql`select 1 from ${sql.ours("checkpoints")}`).toEqual([])
      yield* sql`insert into ${sql.ours("refusals")} (edition, distinct_id, count) values (1, 'a', 1)`
      yield* migrated
      expect(yield* sql`select distinct_id from ${sql.ours("refusals")}`).toEqual([
        { distinct_id: "a" },
      ])
    }).pipe(Effect.provide(Database.layer("memory"))),
)

it.live("what a later version derived is left alone", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    yield* migrated
    yield* sql`update ${sql.ours("persons_migrations")} set name = 'derived_9999'`
    const error = yield* Effect.flip(migrated)
    expect(error.message).toContain("a later version of Onymous")
  }).pipe(Effect.provide(Database.layer("memory"))),
)
