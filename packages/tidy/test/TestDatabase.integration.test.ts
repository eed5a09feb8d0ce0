import { PgClient } from "@effect/sql-pg"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { inject } from "vitest"
import * as TestDatabase from "../src/testing/TestDatabase.ts"

const postgresUrl = inject("postgresUrl")

/** The names of the test databases as `url` itself sees them. */
const databases = (url: string) =>
  PgClient.make({ url: Redacted.make(url) }).pipe(
    Effect.flatMap(
      (sql) => sql<{ readonly name: string }>`select datname as name from pg_database`,
    ),
    Effect.map((rows) => rows.map(({ name }) => name)),
    Effect.provide(Reactivity.layer),
    Effect.scoped,
  )

const nameIn = (url: string) => new URL(url).pathname.slice(1)

describe.skipIf(!postgresUrl)("TestDatabase", () => {
  it.live("makes a database that is there in the scope and gone after it", () =>
    Effect.gen(function* () {
      const url = yield* Effect.scoped(
        Effect.gen(function* () {
          const url = yield* TestDatabase.fresh(postgresUrl)
          expect(yield* databases(url)).toContain(nameIn(url))
          return url
        }),
      )
      expect(yield* databases(postgresUrl)).not.toContain(nameIn(url))
    }),
  )

  it.live("makes many at once, each another", () =>
    Effect.gen(function* () {
      const fresh = TestDatabase.fresh(postgresUrl)
      const urls = yield* Effect.all([fresh, fresh, fresh, fresh], { concurrency: 4 })
      expect(new Set(urls).size).toBe(4)
    }),
  )

  it.live("drops a database that somebody is still connected to", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const sql = yield* PgClient.make({ url: Redacted.make(url) })
      yield* sql`select 1`
      yield* TestDatabase.drop(postgresUrl, nameIn(url))
      expect(yield* databases(postgresUrl)).not.toContain(nameIn(url))
    }).pipe(Effect.provide(Reactivity.layer)),
  )
})
