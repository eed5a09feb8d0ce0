import { PgTypes } from "@effect/sql-pg"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit, type Layer } from "effect"
import { SqlClient } from "effect/sql"
import type { DatabaseError } from "../src/DatabaseError.ts"
import { causeText } from "../src/ErrorText.ts"
import * as PgArrays from "../src/sql/PgArrays.ts"
import * as Transaction from "../src/sql/Transaction.ts"

const rollsBack = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const add = (n: number) => sql`insert into numbers (n) values (${n})`
  yield* sql`drop table if exists numbers`
  yield* sql`create table numbers (n int primary key)`
  const run = <A, E>(effect: Effect.Effect<A, E>) => Transaction.run(sql, effect)
  yield* add(0).pipe(Effect.andThen(Effect.fail("no")), run, Effect.flip)
  yield* run(
    Effect.gen(function* () {
      yield* add(1)
      yield* add(2).pipe(Effect.andThen(Effect.fail("no")), run, Effect.flip)
      // A statement that the database refuses spoils its savepoint, not the transaction.
      yield* add(1).pipe(run, Effect.flip)
      yield* run(add(3))
    }),
  )
  const defect = yield* Effect.exit(run(Effect.die("a defect of ours")))
  expect(Exit.hasDies(defect), "a defect stays one").toBe(true)
  expect(yield* sql`select n from numbers order by n`).toEqual([{ n: 1 }, { n: 3 }])
})

const roundTrips = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const names = ["a", 'with "quotes", {braces} and \\', "", "ü 🜁"]
  const bigs = [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, -1, 2 ** 32]
  const rows = yield* sql`
    select * from unnest(${names}::text[], ${PgArrays.positions(bigs)}) as _ (name, big)`
  expect(rows.map((row) => row["name"])).toEqual(names)
  expect(rows.map((row) => row["big"])).toEqual(bigs)

  const value = { nested: [1, "two", null, { three: true }], text: "it's \u2028 \" \\" }
  const json = yield* sql`select ${JSON.stringify(value)}::jsonb as value`
  expect(json).toEqual([{ value }])

  expect(yield* sql`select ${null}::text as nothing`).toEqual([{ nothing: null }])
})

/** The earliest and the latest time of an event, and times at the edges of a word or a millisecond. */
const moments = [
  "2024-02-29T23:59:59.987Z",
  "0001-01-01T00:00:00.000Z",
  "1714-06-01T12:00:00.001Z",
  "1999-12-31T23:59:59.999Z",
  "2000-01-01T00:00:00.000Z",
  "2285-07-03T04:05:06.007Z",
  "9999-12-31T23:59:59.999Z",
]

const timesAndIntegers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const times = moments.map((text) => Date.parse(text))
  const rows = yield* sql`
    select text::timestamptz as read, time as written, text::timestamptz = time as same
    from unnest(${moments}::text[], ${PgArrays.times(times)}) as _ (text, time)`
  expect(rows).toEqual(times.map((time) => ({ read: time, written: time, same: true })))
  const [time = 0] = times
  const [one] = yield* sql`select array[${PgTypes.timestamptz(time)}, null] as times,
    array[${2 ** 40}, 1, null]::bigint[] as integers,
    ${new Date(time)} = ${PgTypes.timestamptz(time)} as same, count(*) as count`
  expect(one).toEqual({ times: [time, null], integers: [2 ** 40, 1, null], same: true, count: 1 })
  const unsafe = yield* Effect.flip(sql`select 9007199254740993::bigint as big`)
  expect(causeText(unsafe)).toContain("no safe integer")
  const infinite = yield* Effect.flip(sql`select 'infinity'::timestamptz as at`)
  expect(causeText(infinite)).toContain("infinite")
  const written = yield* Effect.flip(sql`select ${PgArrays.positions([2 ** 53])} as bigs`)
  expect(causeText(written)).toContain("no safe integer")
})

const large = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // The driver alone takes no answer above 16 MiB.
  const text = "x".repeat(18_000_000)
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
    it.live("has times as milliseconds and 64-bit integers as numbers, or not at all", () =>
      timesAndIntegers.pipe(Effect.provide(database)),
    )
    it.live("carries messages of megabytes", () => large.pipe(Effect.provide(database)))
    it.live("gives each of many at once its own answer, also after failures", () =>
      concurrent.pipe(Effect.provide(database)),
    )
  })
}
