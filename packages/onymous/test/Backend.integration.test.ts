import { expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomBytes } from "node:crypto"
import { describe, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"

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
  it.live("serves twelve tenants on four connections", () =>
    Effect.gen(function* () {
      const database = yield* TestDatabase.fresh(postgresUrl)
      const onymous = yield* openedIn({ database, connections: 1, policy })
      const tenants = Array.from({ length: 12 }, (_, index) => `tenant-${index}`)
      const found = yield* Effect.promise(() =>
        Promise.all(
          tenants.map(async (name) => {
            const tenant = onymous.project(name, { policy })
            await tenant.identify({ distinctId: "ann", anonymousId: name })
            return (await tenant.person(name))?.distinctIds
          }),
        ),
      )
      expect(found).toEqual(tenants.map((name) => ["ann", name]))
      const held =
        "select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
      const count = (yield* administer(database, held)).length
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThanOrEqual(4)
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
})
