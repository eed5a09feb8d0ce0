import { describe, expect, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { DatabaseError } from "../src/Database.ts"

const rollsBack = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const add = (n: number) => sql`insert into numbers (n) values (${n})`
  yield* sql`drop table if exists numbers`
  yield* sql`create table numbers (n int primary key)`
  yield* add(0).pipe(Effect.andThen(Effect.fail("no")), sql.withTransaction, Effect.flip)
  yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* add(1)
      yield* add(2).pipe(Effect.andThen(Effect.fail("no")), sql.withTransaction, Effect.flip)
      // A statement that the database refuses spoils its savepoint, not the transaction.
      yield* add(1).pipe(sql.withTransaction, Effect.flip)
      yield* sql.withTransaction(add(3))
    }),
  )
  expect(yield* sql`select n from numbers order by n`).toEqual([{ n: 1 }, { n: 3 }])
})

const roundTrips = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const names = ["a", 'with "quotes", {braces} and \\', "", "ü 🜁"]
  const bigs = ["9007199254740993", "-9223372036854775808", "9223372036854775807", "0"]
  const rows = yield* sql`
    select * from unnest(${names}::text[], ${bigs}::bigint[]) as _ (name, big)
  `
  expect(rows.map((row) => row["name"])).toEqual(names)
  expect(rows.map((row) => String(row["big"]))).toEqual(bigs)

  const value = { nested: [1, "two", null, { three: true }], text: "it's \u2028 \" \\" }
  const json = yield* sql`select ${JSON.stringify(value)}::jsonb as value`
  expect(json).toEqual([{ value }])

  const when = new Date("2024-02-29T23:59:59.987Z")
  const times = yield* sql`
    select ${when}::timestamptz as at, ${when.toISOString()}::timestamptz = ${when} as same
  `
  expect(times).toEqual([{ at: when, same: true }])
  expect(yield* sql`select ${null}::text as nothing`).toEqual([{ nothing: null }])
})

const large = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = "x".repeat(5_000_000)
  const rows = yield* sql`select length(${text}::text) as length, ${text}::text as text`
  expect(rows).toEqual([{ length: text.length, text }])
})

const concurrent = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const numbers = Array.from({ length: 200 }, (_, n) => n)
  const one = (n: number): Effect.Effect<number | undefined, unknown> =>
    n % 10 === 0
      ? Effect.as(Effect.flip(sql`select 1 / (${n}::int - ${n}::int) as n`), n)
      : Effect.map(sql<{ readonly n: number }>`select ${n}::int as n`, (rows) => rows[0]?.n)
  const answers = yield* Effect.forEach(numbers, one, { concurrency: "unbounded" })
  expect(answers).toEqual(numbers)
})

/** What holds of SQL wherever it runs. */
export const suite = <E>(
  name: string,
  database: Layer.Layer<SqlClient.SqlClient, DatabaseError | E>,
): void => {
  describe(`SQL on ${name}`, () => {
    it.live("rolls back transactions and savepoints", () =>
      rollsBack.pipe(Effect.provide(database)),
    )
    it.live("gives values back as they were", () => roundTrips.pipe(Effect.provide(database)))
    it.live("carries messages of megabytes", () => large.pipe(Effect.provide(database)))
    it.live("gives each of many at once its own answer, also after failures", () =>
      concurrent.pipe(Effect.provide(database)),
    )
  })
}
