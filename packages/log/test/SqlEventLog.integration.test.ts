import { expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Array as Arr, Effect, Fiber, Layer, Stream } from "effect"
import { describe, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as TestDatabase from "@onymous/tidy/TestDatabase"
import { EventLog } from "../src/EventLog.ts"
import { incoming, suite } from "./EventLog.contract.ts"
import { logOn } from "./layers.ts"

const postgresUrl = inject("postgresUrl")
const project = ProjectId("busy")
const appenders = 8
const batches = 60
const batchSize = 5

/** Takes the head's lock as an append does, is slow, and writes nothing after all. */
const rolledBack = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  const attempt = Effect.gen(function* () {
    yield* sql`select * from projects where id = ${project} for update`
    yield* sql`update projects set position = position + 7 where id = ${project}`
    yield* sql`select pg_sleep(0.02)::text`
    return yield* Effect.fail("rolled back")
  })
  yield* Effect.ignore(sql.withTransaction(attempt))
})

/** An appender with connections of its own. */
const appender = (url: string, number: number) =>
  Effect.gen(function* () {
    const log = yield* EventLog
    for (let batch = 0; batch < batches; batch++) {
      const first = (number * batches + batch) * batchSize
      const events = Arr.map(Arr.range(first, first + batchSize - 1), (each) => incoming(each))
      yield* log.append(project, events)
    }
  }).pipe(Effect.provide(logOn(url)))

/** A transaction that writes and stays open, in another database of the same server. */
const elsewhere = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  yield* sql`create table held (a int)`
  yield* sql.withTransaction(Effect.andThen(sql`insert into held values (1)`, Effect.never))
})

describe.skipIf(!postgresUrl)("with a server", () => {
  suite("Postgres", Layer.unwrap(Effect.map(TestDatabase.fresh(postgresUrl), logOn)))

  it.live(
    "8 appenders, slow and failed transactions among them: a tail misses nothing",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const other = yield* TestDatabase.fresh(postgresUrl)
        const total = appenders * batches * batchSize
        yield* Effect.gen(function* () {
          const log = yield* EventLog
          yield* log.createProject({ id: project, token: "t", keyHash: "" })
          const open = yield* Effect.forkScoped(Effect.provide(elsewhere, Database.layer(other)))
          const spoiling = yield* Effect.forkScoped(
            Effect.provide(Effect.forever(rolledBack), Database.layer(url)),
          )
          const tail = log.tail({ project, after: zero })
          const seen = yield* Effect.forkScoped(Stream.runCollect(Stream.take(tail, total)))
          const all = Array.from({ length: appenders }, (_, number) => appender(url, number))
          yield* Effect.all(all, { concurrency: "unbounded" })
          const positions = (yield* Fiber.join(seen)).map(({ position }) => position)
          expect(positions).toEqual(Arr.range(1, total))
          yield* Fiber.interrupt(spoiling)
          yield* Fiber.interrupt(open)
        }).pipe(Effect.provide(logOn(url)))
      }),
    60_000,
  )
})
