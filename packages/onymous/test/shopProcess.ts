import { PgClient } from "@effect/sql-pg"
import { Effect, Result } from "effect"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Onymous, uuidOf } from "onymous"
import * as OnymousLayer from "../src/OnymousLayer.ts"
import { drivers } from "./drivers.ts"

/*
 * A shop that takes orders for as long as it lives: each is a transaction with a row and an event. The test kills it
 * at any moment, and compares the orders with the events.
 */

const [, , kind = "", url = "", firstText = ""] = process.argv

const first = Number(firstText)

/** Every seventh order is cancelled in its transaction. */
const isCancelled = (id: number): boolean => id % 7 === 0

const orderOf = (id: number) => (id % 2 === 0 ? "locked" : "outbox")

const eventOf = (id: number) => ({
  distinctId: `customer ${id % 5}`,
  event: "ordered",
  uuid: uuidOf("ordered", id),
})

const cancelled = new Error("cancelled")

const withDriver = async (connect: (url: string) => ReturnType<typeof drivers.pg>) => {
  const onymous = await Onymous.open({ database: url, connections: 4 })
  const driver = connect(url)
  const take = async (id: number) => {
    await driver
      .transaction(async (transaction) => {
        await transaction.order(id)
        await (orderOf(id) === "locked"
          ? onymous.capture(eventOf(id), { in: transaction.executor })
          : onymous.capture(eventOf(id), { in: transaction.executor, order: "outbox" }))
        if (isCancelled(id)) throw cancelled
      })
      .catch((error: unknown) => {
        if (error !== cancelled) throw error
      })
  }
  const takeAll = async (from: number) => {
    for (let id = from; ; id += 2) await take(id)
  }
  await take(first)
  process.stdout.write("open\n")
  await Promise.all([takeAll(first + 1), takeAll(first + 2)])
}

const take = Effect.fnUntraced(function* (id: number) {
  const sql = yield* PgClient.PgClient
  const log = yield* EventLog
  const project = ProjectId("1")
  const { distinctId, event, uuid } = eventOf(id)
  const wire = { distinct_id: distinctId, event, uuid }
  const incoming = Result.getOrThrow(EventDecoder.decode(wire, () => uuid))
  const work = Effect.gen(function* () {
    yield* sql`insert into orders (id) values (${id}::integer)`
    yield* orderOf(id) === "locked"
      ? log.append(project, [incoming])
      : log.enqueue(project, [incoming])
    if (isCancelled(id)) return yield* Effect.fail(cancelled)
  })
  yield* Effect.catchIf(
    sql.withTransaction(work),
    (error) => error === cancelled,
    () => Effect.void,
  )
})

const withEffect = Effect.gen(function* () {
  const takeAll = (from: number) =>
    Effect.gen(function* () {
      for (let id = from; ; id += 2) yield* take(id)
    })
  yield* take(first)
  process.stdout.write("open\n")
  yield* Effect.all([takeAll(first + 1), takeAll(first + 2)], { concurrency: "unbounded" })
}).pipe(Effect.provide(OnymousLayer.layerSql(url, { connections: 4 })))

const named = Object.entries(drivers).find(([name]) => name === kind)
await (named === undefined ? Effect.runPromise(withEffect) : withDriver(named[1]))
