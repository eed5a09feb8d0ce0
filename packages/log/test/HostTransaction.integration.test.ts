import { expect, it } from "@effect/vitest"
import { Array as Arr, Deferred, Effect, Fiber, Layer, Schedule } from "effect"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { EventLog } from "../src/EventLog.ts"
import * as HostAppend from "../src/sql/HostAppend.ts"
import { incoming } from "./EventLog.contract.ts"
import { logOn } from "./logLayers.ts"

const postgresUrl = inject("postgresUrl")
const project = ProjectId("busy")

const uuidOf = (number: number) => incoming(number).event.uuid

/** What a host does in its `number`th transaction. */
const host = Effect.fnUntraced(function* (number: number) {
  const log = yield* EventLog
  const sql = yield* SchemaClient
  const order = number % 2 === 0 ? "locked" : "outbox"
  const [first, second] = [incoming(2 * number), incoming(2 * number + 1)]
  const { text, values } = HostAppend.statement(sql.schema, project, [first], order)
  yield* Effect.ignore(
    sql.withTransaction(
      Effect.gen(function* () {
        yield* sql.unsafe(text, values)
        yield* order === "outbox" ? log.enqueue(project, [second]) : log.append(project, [second])
        if (number % 5 === 0) return yield* Effect.fail("rolled back")
      }),
    ),
  )
})

/** Returns once a connection of this database waits for a lock. */
const someoneWaits = Effect.repeat(
  Effect.flatMap(
    SchemaClient,
    (sql) => sql`select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`,
  ),
  { until: (rows) => rows.length > 0, schedule: Schedule.spaced("20 millis") },
)

/** A transaction that has done its work and stays open until `end` commits it. */
const held = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const sql = yield* SchemaClient
  const [hasDone, mayEnd] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
  const fiber = yield* Effect.forkChild(
    sql.withTransaction(
      Effect.tap(work, () =>
        Effect.andThen(Deferred.succeed(hasDone, undefined), Deferred.await(mayEnd)),
      ),
    ),
  )
  yield* Effect.raceFirst(Deferred.await(hasDone), Fiber.join(fiber))
  return { end: Effect.andThen(Deferred.succeed(mayEnd, undefined), Fiber.join(fiber)) }
})

/** A log with the project, in a database of its own. */
const fresh = Layer.unwrap(
  Effect.map(TestDatabase.fresh(postgresUrl), (url) =>
    Layer.effectDiscard(
      Effect.flatMap(EventLog, (log) =>
        log.createProject({ id: project, token: "busy", keyHash: "" }),
      ),
    ).pipe(Layer.provideMerge(logOn(url))),
  ),
)

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live(
    "positions have no gaps while hosts commit and roll back in either order, beside appends and drains",
    () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const hosts = Arr.range(1, 200)
        // A drain gives way to hosts: it fails as busy where it has waited for one.
        const drain = Effect.retry(log.drain(project), {
          while: ({ reason }) => reason._tag === "Busy",
        })
        const drains = Effect.forever(Effect.andThen(drain, Effect.sleep("1 millis")))
        const others = Effect.forEach(Arr.range(1001, 1200), (number) =>
          log.append(project, [incoming(number)]),
        )
        const working = Effect.forEach(hosts, host, { concurrency: 4 })
        yield* Effect.raceFirst(
          Effect.all([working, others], { concurrency: "unbounded" }),
          Effect.all([drains, drains], { concurrency: "unbounded" }),
        )
        yield* Effect.repeat(Effect.andThen(drain, log.inboxes), {
          until: (projects) => projects.length === 0,
        })
        const events = yield* log.read({ project, after: zero, limit: 10_000 })
        const done = hosts.filter((number) => number % 5 !== 0)
        const pairs = done.map((number) => [uuidOf(2 * number), uuidOf(2 * number + 1)] as const)
        const wanted = [...pairs.flat(), ...Arr.range(1001, 1200).map(uuidOf)]
        expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1))
        expect(events.map(({ event }) => event.uuid).toSorted()).toEqual(wanted.toSorted())
        expect(yield* log.damage(project)).toBeUndefined()
        const places = new Map(events.map(({ event, position }) => [event.uuid, position]))
        const isInOrder = pairs.map(([a, b]) => (places.get(a) ?? 0) < (places.get(b) ?? 0))
        expect(isInOrder).not.toContain(false)
      }).pipe(Effect.provide(fresh)),
  )

  it.live(
    "an event that waited for a transaction with the same uuid is told as there already, and fails nobody",
    () =>
      Effect.gen(function* () {
        const sql = yield* SchemaClient
        const { text, values } = HostAppend.statement(sql.schema, project, [incoming(1)], "locked")
        const append = Effect.map(sql.unsafe<HostAppend.Row>(text, values), (rows) =>
          rows.map(HostAppend.placeOf),
        )
        const first = yield* held(append)
        const second = yield* Effect.forkChild(sql.withTransaction(append))
        yield* someoneWaits
        expect(yield* first.end).toEqual([{ position: 1, isNew: true }])
        expect(yield* Fiber.join(second)).toEqual([{ position: 1, isNew: false }])
      }).pipe(Effect.provide(fresh)),
  )

  it.live(
    "a host that holds the end of a log holds up its appends alone: inboxes, other projects and readers go on",
    () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const other = ProjectId("other")
        yield* log.createProject({ id: other, token: "other", keyHash: "" })
        const host = yield* held(log.append(project, [incoming(1)]))
        const late = yield* Effect.forkChild(log.append(project, [incoming(2)]))
        yield* someoneWaits
        yield* log.enqueue(project, [incoming(3)])
        // A drain gives up soon, with an error that allows another try.
        const refused = yield* Effect.flip(log.drain(project))
        expect(refused).toMatchObject({ reason: { _tag: "Busy" }, isRetryable: true })
        expect(yield* log.append(other, [incoming(1)])).toMatchObject({ position: 1 })
        expect((yield* log.head(project)).position).toBe(0)
        expect(yield* host.end).toMatchObject({ position: 1 })
        expect(yield* Fiber.join(late)).toMatchObject({ position: 2 })
        expect(yield* log.drain(project)).toMatchObject({ count: 1 })
      }).pipe(Effect.provide(fresh)),
  )
})
