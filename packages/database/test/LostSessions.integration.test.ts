import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Fiber } from "effect"
import { SqlError } from "effect/sql/SqlError"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as Database from "../src/Database.ts"
import { causeText } from "../src/ErrorText.ts"
import { StatementLimit } from "../src/sql/StatementLimit.ts"
import * as Transaction from "../src/sql/Transaction.ts"
import * as SilentWire from "./SilentWire.ts"

const postgresUrl = inject("postgresUrl")

const onFresh = <A, E>(use: Effect.Effect<A, E, PgClient.PgClient>) =>
  Effect.gen(function* () {
    const url = yield* TestDatabase.fresh(postgresUrl)
    return yield* Effect.provide(use, Database.layer(url))
  })

/** Ends the session of its own transaction, from another session, and waits until it is gone. */
const cut = Effect.fnUntraced(function* (sql: PgClient.PgClient) {
  const [session] = yield* sql<{ readonly pid: number }>`select pg_backend_pid() as pid`
  const statement = "select pg_terminate_backend($1::int, 300000)"
  const other = Effect.flatMap(sql.reserve, (connection) =>
    connection.execute(statement, [session?.pid], undefined),
  )
  yield* Effect.scoped(other)
})

const failed = <A, E>(exit: Exit.Exit<A, E>) => {
  if (Exit.isSuccess(exit)) throw new Error("A lost transaction fails.")
  expect(Cause.hasDies(exit.cause), Cause.pretty(exit.cause)).toBe(false)
  return Cause.squash(exit.cause)
}

describe.skipIf(!postgresUrl)("a lost connection", () => {
  it.live("fails a transaction, and a savepoint in it, and is no defect", () =>
    onFresh(
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        const run = <A, E>(effect: Effect.Effect<A, E>) => Transaction.run(sql, effect)
        const lost = Effect.andThen(cut(sql), sql`select 1`)
        expect(failed(yield* Effect.exit(run(lost)))).toBeInstanceOf(SqlError)
        expect(failed(yield* Effect.exit(run(run(lost))))).toBeInstanceOf(SqlError)
        const refusal = Effect.andThen(cut(sql), Effect.fail("no"))
        expect(failed(yield* Effect.exit(run(refusal)))).toBe("no")
        const committed = run(cut(sql))
        expect(failed(yield* Effect.exit(committed))).toBeInstanceOf(SqlError)
        expect(yield* run(sql`select 1 as n`)).toEqual([{ n: 1 }])
      }),
    ),
  )

  it.live("leaves an interruption an interruption", () =>
    onFresh(
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        const waiting = Effect.andThen(cut(sql), Effect.never)
        const fiber = yield* Effect.forkChild(Transaction.run(sql, waiting))
        yield* Effect.sleep("500 millis")
        yield* Fiber.interrupt(fiber)
        const exit = yield* Fiber.await(fiber)
        expect(Exit.hasInterrupts(exit) && !Exit.hasDies(exit)).toBe(true)
      }),
    ),
  )

  it.live("gives up a session that takes no writes any more, and goes on with others", () =>
    onFresh(
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        yield* sql`create table numbers (n int)`
        const set = sql`set default_transaction_read_only = on`
        yield* Effect.all(
          Array.from({ length: 10 }, () => set),
          { concurrency: "unbounded" },
        )
        const add = sql`insert into numbers values (1)`
        expect(yield* Effect.flip(add)).toMatchObject({ reason: { cause: { code: "25006" } } })
        const more = Array.from({ length: 20 }, () => add)
        yield* Effect.all(more, { concurrency: "unbounded" })
        expect(yield* sql`select count(*) as count from numbers`).toEqual([{ count: 20 }])
      }),
    ),
  )

  it.live("gives up silent connections at the limit of a statement, in a commit too", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const wire = yield* SilentWire.make(url)
      yield* Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        yield* sql`create table numbers (n int)`
        yield* Effect.all([sql`select 1`, sql`select 1`], { concurrency: "unbounded" })
        const insert = sql`insert into numbers values (1)`
        const silenced = Effect.andThen(insert, Effect.sync(wire.silence))
        const limited = (limit: Duration.Duration) => Effect.provideService(StatementLimit, limit)
        const ended = Transaction.run(sql, silenced).pipe(limited(Duration.seconds(2)))
        const exit = yield* Effect.exit(ended)
        expect(String(failed(exit))).toContain("did not answer within 2 s")
        wire.speak()
        // The pool uses no silenced connection again; a connection that was opening at that time fails once.
        const count = Effect.retry(sql`select count(*) as count from numbers`, { times: 2 })
        const asked = Array.from({ length: 10 }, () => count)
        const counts = yield* Effect.all(asked, { concurrency: "unbounded" }).pipe(
          limited(Duration.seconds(60)),
        )
        expect(counts.flat()).toEqual(asked.map(() => ({ count: 0 })))
      }).pipe(Effect.provide(Database.layer(wire.url)))
    }),
  )

  it.live.each(["a statement", "a transaction"])(
    "ends %s on a silent connection at the limit of one statement, and no later",
    (name) =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const wire = yield* SilentWire.make(url)
        yield* Effect.gen(function* () {
          const sql = yield* PgClient.PgClient
          yield* sql`select 1`
          wire.silence()
          // A transaction rolls back on its connection, but does not wait for it a second time.
          const ask = name === "a statement" ? sql`select 1` : Transaction.run(sql, sql`select 1`)
          const asked = yield* Effect.forkChild(Effect.flip(ask))
          yield* wire.isSwallowing
          expect(causeText(yield* Fiber.join(asked))).toContain("did not answer within 3 s")
        }).pipe(Effect.provide(Database.layer(wire.url, { statementTimeout: 3000 })))
      }),
  )

  it.live("ends a statement at its limit, unless that was said to take long", () =>
    onFresh(
      Effect.gen(function* () {
        const sql = yield* PgClient.PgClient
        const rows = yield* sql`show statement_timeout`
        expect(rows).toEqual([{ statement_timeout: "27s" }])
        const patiently = yield* Transaction.runPatiently(sql, sql`show statement_timeout`)
        expect(patiently).toEqual([{ statement_timeout: "324min" }])
      }),
    ),
  )
})
