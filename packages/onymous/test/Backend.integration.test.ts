import { expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomBytes } from "node:crypto"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"
import * as OnymousEffect from "onymous/effect"

const postgresUrl = inject("postgresUrl")
const policy = { buffer_enabled: false }

/** Statements of an administrator, one after the other; answers with the rows of the last one. */
const administer = (url: string, ...statements: ReadonlyArray<string>) =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1 }).pipe(
    Effect.flatMap((sql) => Effect.forEach(statements, (text) => sql.unsafe(text))),
    Effect.map((all) => all.at(-1) ?? []),
    Effect.provide(Reactivity.layer),
    Effect.scoped,
  )

const openedIn = (options: Parameters<typeof Onymous.open>[0]) =>
  Effect.acquireRelease(
    Effect.promise(() => Onymous.open(options)),
    (onymous) => Effect.promise(() => onymous.close()),
  )

describe.skipIf(!postgresUrl)("a backend with its own Postgres", () => {
  it.live.each([4, 7, undefined])("serves twelve tenants on %s connections in all", (connections) =>
    Effect.gen(function* () {
      const database = yield* TestDatabase.fresh(postgresUrl)
      const named = connections === undefined ? {} : { connections }
      const onymous = yield* openedIn({ database, policy, ...named })
      const tenants = Array.from({ length: 12 }, (_, index) => `tenant-${index}`)
      const found = yield* Effect.promise(() =>
        Promise.all(
          tenants.map(async (name) => {
            const tenant = onymous.project(name, { policy })
            await tenant.identify({ distinctId: "ann", anonymousId: name })
            const asked = Array.from({ length: 4 }, () => tenant.person(name))
            return (await Promise.all(asked))[0]?.distinctIds
          }),
        ),
      )
      expect(found).toEqual(tenants.map((name) => ["ann", name]))
      // A pool keeps an open connection for a minute: this is the most that were open together.
      const held =
        "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
      const count = (yield* administer(database, held)).length
      expect(count).toBeGreaterThanOrEqual(4)
      expect(count).toBeLessThanOrEqual(connections ?? 10)
    }).pipe(Effect.scoped),
  )

  it.live(
    "an answer as of a position waits for the persons, whichever process wrote the event",
    () =>
      Effect.gen(function* () {
        const database = yield* TestDatabase.fresh(postgresUrl)
        const open = openedIn({ database, connections: 4, policy })
        const [one, other] = [yield* open, yield* open]
        for (let number = 0; number < 10; number++) {
          const distinctId = `user-${number}`
          const { position } = yield* Effect.promise(() => one.capture({ distinctId, event: "e" }))
          const asOf = () => other.person(distinctId, { at: position })
          const first = yield* Effect.promise(asOf)
          expect(first?.distinctIds).toEqual([distinctId])
          expect(yield* Effect.promise(asOf)).toEqual(first)
        }
      }).pipe(Effect.scoped),
  )

  it.live("runs with a role that may not create, on tables that another role has made", () =>
    Effect.gen(function* () {
      const database = yield* TestDatabase.fresh(postgresUrl)
      const role = `app_${randomBytes(6).toString("hex")}`
      yield* Effect.acquireRelease(
        administer(postgresUrl, `create role ${role} login password 'hunter2'`),
        () => Effect.orDie(administer(database, `drop owned by ${role}`, `drop role ${role}`)),
      )
      const url = Object.assign(new URL(database), { username: role, password: "hunter2" }).href
      yield* administer(database, "revoke all on schema public from public")
      const refused = yield* Effect.promise(() =>
        Onymous.open({ database: url, migrate: "check" }).catch((reason: unknown) => reason),
      )
      expect(refused).toMatchObject({
        code: "not_migrated",
        message: expect.stringContaining("lack 0001_log"),
      })
      yield* Effect.scoped(openedIn({ database, policy }))
      yield* administer(
        database,
        `grant usage on schema onymous to ${role}`,
        `grant select, insert, update, delete on all tables in schema onymous to ${role}`,
        `grant usage on all sequences in schema onymous to ${role}`,
      )
      const onymous = yield* openedIn({ database: url, migrate: "check" })
      yield* Effect.promise(() => onymous.identify({ distinctId: "ann", anonymousId: "phone" }))
      const ann = yield* Effect.promise(() => onymous.person("phone"))
      expect(ann?.distinctIds).toEqual(["ann", "phone"])
    }).pipe(Effect.scoped),
  )

  it.live("captures in a transaction of its program in Effect: both, or neither", () =>
    Effect.gen(function* () {
      const database = yield* TestDatabase.fresh(postgresUrl)
      const layer = OnymousEffect.layerSql({ database, policy })
      yield* Effect.gen(function* () {
        const onymous = yield* OnymousEffect.Onymous
        const sql = yield* PgClient.PgClient
        yield* sql`create table orders (id integer)`
        const order = (id: number) =>
          Effect.andThen(
            sql`insert into orders values (${id})`,
            onymous.capture({ distinctId: `buyer-${id}`, event: "ordered" }),
          )
        yield* sql.withTransaction(order(1))
        const rolledBack = sql.withTransaction(Effect.andThen(order(2), Effect.fail("no money")))
        expect(yield* Effect.flip(rolledBack)).toBe("no money")
        expect(yield* sql`select id from orders`).toEqual([{ id: 1 }])
        expect((yield* onymous.person("buyer-1"))?.distinctIds).toEqual(["buyer-1"])
        expect(yield* onymous.person("buyer-2")).toBeUndefined()
        // A project that a transaction uses first exists, even where that transaction rolls back.
        const tenant = onymous.project("tenant", { policy })
        const capture = tenant.capture({ distinctId: "ann", event: "e" })
        yield* Effect.flip(sql.withTransaction(Effect.andThen(capture, Effect.fail("no"))))
        expect(yield* tenant.person("ann")).toBeUndefined()
        yield* sql.withTransaction(capture)
        expect((yield* onymous.project("tenant").person("ann"))?.distinctIds).toEqual(["ann"])
        // A second retraction is refused also in the transaction of the first.
        const { uuid } = yield* onymous.alias({ distinctId: "buyer-1", alias: "buyer-3" })
        const retract = onymous.retract({ eventUuid: uuid, by: "ann", reason: "a slip" })
        const twice = yield* Effect.flip(sql.withTransaction(Effect.andThen(retract, retract)))
        expect(twice).toMatchObject({ code: "refused" })
        expect((yield* onymous.verify()).isOk).toBe(true)
      }).pipe(Effect.provide(layer))
    }).pipe(Effect.scoped),
  )
})
