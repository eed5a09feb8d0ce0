import { describe, expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import * as Database from "@onymous/database/Database"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as OnymousLayer from "../src/OnymousLayer.ts"
import * as Upgrade from "./upgrade.ts"

const postgresUrl = inject("postgresUrl")

/** What there is in a database, but for the rows that are ours to write. */
const schema = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  return {
    log: yield* sql`select name from log_migrations`,
    persons: yield* sql`select name from persons_migrations`,
    columns: yield* sql`select table_name, column_name, data_type, collation_name, is_nullable
      from information_schema.columns where table_schema = 'public' order by 1, 2`,
    indexes: yield* sql`select indexdef from pg_indexes where schemaname = 'public' order by 1`,
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
        expect(upgraded.log).toEqual([{ name: "0001_log" }])
      }),
    600_000,
  )
})
