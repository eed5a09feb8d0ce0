import { describe, expect, it } from "@effect/vitest"
import { PgClient, PgTypes } from "@effect/sql-pg"
import { Effect, Layer, Redacted, Result } from "effect"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { layerOnClient, Onymous } from "onymous/effect"

const postgresUrl = inject("postgresUrl")
const policy = { buffer_enabled: false }

type Config = Omit<PgClient.PgPoolConfig, "url">

/** A client that a program has made for itself, on a database of its own. */
const clientOf = (config: Config = {}) =>
  Layer.unwrap(
    Effect.map(TestDatabase.fresh(postgresUrl), (url) =>
      PgClient.layer({ url: Redacted.make(url), ...config }),
    ),
  )

const onClient = (config?: Config) =>
  Layer.provideMerge(layerOnClient({ policy, connections: 4 }), clientOf(config))

/** An order of the program, and the event of it. */
const order = Effect.fnUntraced(function* (id: number) {
  const sql = yield* PgClient.PgClient
  const onymous = yield* Onymous
  yield* sql`insert into orders values (${id})`
  return yield* onymous.capture({ distinctId: `buyer-${id}`, event: "ordered" })
})

const orders = Effect.flatMap(PgClient.PgClient, (sql) => sql`create table orders (id integer)`)

const buyers = Effect.gen(function* () {
  const onymous = yield* Onymous
  return (yield* onymous.persons({ minPosition: "head" })).results
    .flatMap(({ distinctIds }) => distinctIds)
    .toSorted()
})

const isOk = Effect.flatMap(Onymous, (onymous) =>
  Effect.map(onymous.verify({ deep: true }), (verification) => verification.isOk),
)

const failureOn = (layer: Layer.Layer<Onymous, unknown, PgClient.PgClient>, config?: Config) =>
  Effect.flip(Effect.scoped(Layer.build(Layer.provide(layer, clientOf(config)))))

/** Integers as texts, as some programs want them. */
const textual = (): PgTypes.Registry => {
  const types = PgTypes.makeRegistry()
  const codec: PgTypes.Codec<string> = {
    encode: (value) => {
      const bytes = new Uint8Array(8)
      new DataView(bytes.buffer).setBigInt64(0, BigInt(value))
      return Result.succeed(bytes)
    },
    decode: (bytes) =>
      Result.succeed(String(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0))),
  }
  types.register(PgTypes.OID.int8, codec)
  return types
}

describe.skipIf(!postgresUrl)("on the client of a program", () => {
  it.live("a transaction has both, or neither", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* orders
      expect(yield* sql.withTransaction(order(1))).toMatchObject({ position: 2, isNew: true })
      const rolledBack = sql.withTransaction(Effect.andThen(order(2), Effect.fail("no money")))
      expect(yield* Effect.flip(rolledBack)).toBe("no money")
      // A savepoint that rolls back takes its own order with it, and leaves the order around it.
      yield* sql.withTransaction(
        Effect.andThen(
          order(3),
          Effect.flip(sql.withTransaction(Effect.andThen(order(4), Effect.fail("no")))),
        ),
      )
      expect(yield* sql`select id from orders order by id`).toEqual([{ id: 1 }, { id: 3 }])
      expect(yield* buyers).toEqual(["buyer-1", "buyer-3"])
      expect(yield* isOk).toBe(true)
    }).pipe(Effect.provide(onClient())),
  )

  it.live("an act in a transaction knows what was done in it, and goes with it", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      const onymous = yield* Onymous
      yield* onymous.capture({ distinctId: "ann", event: "e" })
      const { uuid } = yield* onymous.alias({ distinctId: "ann", alias: "phone" })
      const retract = onymous.retract({ eventUuid: uuid, by: "ann", reason: "a slip" })
      const twice = yield* Effect.flip(sql.withTransaction(Effect.andThen(retract, retract)))
      expect(twice).toMatchObject({ code: "refused" })
      expect((yield* onymous.person("phone"))?.distinctIds).toEqual(["ann", "phone"])
      const edit = onymous.edit({
        distinctId: "ann",
        set: { plan: "pro" },
        by: "ann",
        reason: "asked",
      })
      yield* sql.withTransaction(Effect.andThen(edit, retract))
      expect(yield* onymous.person("ann")).toMatchObject({
        distinctIds: ["ann"],
        properties: { plan: "pro" },
      })
      expect(yield* isOk).toBe(true)
    }).pipe(Effect.provide(onClient())),
  )

  it.live("what is refused leaves its transaction as it was", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      const onymous = yield* Onymous
      yield* orders
      const events = [0, 1].map((n) => ({ distinctId: `device-${n}`, event: "e" }))
      const properties = { large: "x".repeat(500_000) }
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* order(1)
          yield* Effect.flip(onymous.captureAll([...events, { distinctId: "", event: "e" }]))
          yield* onymous.captureAll(events.map((event) => ({ ...event, properties })))
          yield* order(2)
        }),
      )
      expect(yield* buyers).toEqual(["buyer-1", "buyer-2", "device-0", "device-1"])
    }).pipe(Effect.provide(onClient())),
  )

  it.live("a client with one connection, and other names of columns, waits for nothing", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      const onymous = yield* Onymous
      yield* sql`create table orders (id integer)`
      // Onymous works on its own connections where it needs more than the client's transaction.
      yield* sql.withTransaction(
        Effect.gen(function* () {
          yield* order(1)
          const tenant = onymous.project("tenant", { policy })
          yield* tenant.capture({ distinctId: "ann", event: "e" })
          yield* onymous.capture({ distinctId: "bob", event: "e" })
          expect(yield* onymous.person("bob")).toBeUndefined()
        }),
      )
      expect(yield* buyers).toEqual(["bob", "buyer-1"])
      expect((yield* onymous.project("tenant").person("ann"))?.distinctIds).toEqual(["ann"])
      expect(yield* isOk).toBe(true)
    }).pipe(
      Effect.provide(
        onClient({
          maxConnections: 1,
          transformResultNames: (name) => name.toUpperCase(),
          transformQueryNames: (name) => name.toLowerCase(),
        }),
      ),
    ),
  )

  it.live("it leaves the client open, and no connection of its own", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      const own = sql`select 1 from pg_stat_activity
        where datname = current_database() and application_name = 'onymous'`
      yield* Effect.scoped(
        Effect.gen(function* () {
          const services = yield* Layer.build(layerOnClient({ policy }))
          yield* Effect.provideContext(
            Effect.flatMap(Onymous, (onymous) => onymous.capture({ distinctId: "a", event: "e" })),
            services,
          )
          expect((yield* own).length).toBeGreaterThan(0)
        }),
      )
      while ((yield* own).length > 0) yield* Effect.sleep("10 millis")
      expect(yield* sql`select position::int from onymous.projects`).toEqual([{ position: 2 }])
    }).pipe(Effect.provide(clientOf())),
  )

  it.live("provided in a transaction, it keeps the persons up to date outside of it", () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      yield* orders
      const program = Effect.gen(function* () {
        const onymous = yield* Onymous
        yield* sql.withTransaction(order(1))
        // The outer transaction is not committed yet: a projector inside it would see the event.
        expect(yield* onymous.status()).toMatchObject({ head: 2 })
        expect(yield* onymous.person("buyer-1")).toBeUndefined()
      }).pipe(Effect.provide(layerOnClient({ policy, connections: 4 })))
      yield* sql.withTransaction(program)
      yield* Effect.gen(function* () {
        expect(yield* buyers).toEqual(["buyer-1"])
        expect(yield* isOk).toBe(true)
      }).pipe(Effect.provide(layerOnClient({ connections: 4 })))
    }).pipe(Effect.provide(clientOf())),
  )

  it.live("what it cannot be on is refused in words, and so is an option that is none", () =>
    Effect.gen(function* () {
      expect(yield* failureOn(layerOnClient(), { types: textual() })).toMatchObject({
        code: "unusable",
        message: expect.stringContaining("codecs of its own for integers or times"),
      })
      expect(yield* failureOn(layerOnClient({ migrate: "check" }))).toMatchObject({
        code: "not_migrated",
      })
      const misspelt = { connections: 4, database: "memory" }
      expect(yield* failureOn(layerOnClient(misspelt))).toMatchObject({
        code: "invalid_input",
        field: "database",
      })
      expect(yield* failureOn(layerOnClient({ connections: 0 }))).toMatchObject({
        field: "connections",
      })
    }),
  )
})
