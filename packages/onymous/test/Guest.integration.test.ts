import { describe, expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"
import * as OnymousLayer from "../src/OnymousLayer.ts"

const postgresUrl = inject("postgresUrl")

/** Statements of an administrator, one after the other; answers with the rows of the last one. */
const administer = (url: string, ...statements: ReadonlyArray<string>) =>
  PgClient.make({ url: Redacted.make(url), maxConnections: 1 }).pipe(
    Effect.flatMap((sql) => Effect.forEach(statements, (text) => sql.unsafe(text))),
    Effect.map((all) => all.at(-1) ?? []),
    Effect.provide(Reactivity.layer),
    Effect.scoped,
  )

interface Guest {
  readonly role: string
  readonly admin: string
  readonly url: string
}

/** A role in a database of its own that may only connect; both are gone when the scope closes. */
const guest = Effect.gen(function* (): Effect.fn.Return<Guest, unknown, Scope.Scope> {
  const role = `guest_${randomBytes(6).toString("hex")}`
  yield* Effect.acquireRelease(
    administer(postgresUrl, `create role ${role} login password 'hunter2'`),
    () => Effect.orDie(administer(postgresUrl, `drop role ${role}`)),
  )
  const admin = yield* TestDatabase.fresh(postgresUrl)
  yield* administer(admin, "revoke all on schema public from public")
  const url = Object.assign(new URL(admin), { username: role, password: "hunter2" }).href
  return { role, admin, url }
})

const opened = (url: string, options?: Parameters<typeof OnymousLayer.layer>[1]) =>
  Effect.scoped(Layer.build(OnymousLayer.layer(url, options)))

const refusalOf = (url: string, options?: Parameters<typeof OnymousLayer.layer>[1]) =>
  Effect.map(Effect.flip(opened(url, options)), ({ message }) => message)

const schemas = (url: string) =>
  Effect.map(
    administer(
      url,
      "select nspname from pg_namespace where nspname !~ '^(pg_|information|public)'",
    ),
    (rows) => rows.map((row) => Object.values(row)[0]),
  )

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live("whoever only asks is told that there is no Onymous, and nothing is made", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      expect(yield* refusalOf(url, { creates: false })).toMatch(
        /^There is no Onymous in the schema onymous of Postgres at \S+: serve or import makes one.$/,
      )
      expect(yield* schemas(url)).toEqual([])
      yield* opened(url)
      yield* opened(url, { creates: false })
    }),
  )

  it.live("the grant that is missing is named, and with it the database is opened", () =>
    Effect.gen(function* () {
      const { role, admin, url } = yield* guest
      const database = new URL(admin).pathname.slice(1)
      const told = yield* refusalOf(url)
      expect(told).toContain(`The database says: permission denied for database ${database}.`)
      const grant = `grant create on database ${database} to ${role};`
      expect(told).toContain(`What is missing: ${grant}`)
      yield* administer(admin, grant)
      yield* opened(url)
      yield* administer(admin, `drop owned by ${role}`)
    }),
  )

  it.live("a schema that the role may not use, and tables of another role, are told as well", () =>
    Effect.gen(function* () {
      const { role, admin, url } = yield* guest
      yield* administer(admin, "create schema onymous")
      const use = `grant usage, create on schema onymous to ${role};`
      expect(yield* refusalOf(url)).toContain(`What is missing: ${use}`)
      expect(yield* refusalOf(url, { creates: false })).toContain("There is no Onymous")
      yield* administer(admin, use)
      yield* opened(url)
      const other = yield* guest
      const theirs = Object.assign(new URL(url), { username: other.role }).href
      yield* administer(admin, `grant usage, create on schema onymous to ${other.role}`)
      const told = yield* refusalOf(theirs)
      expect(told).toContain("The database says: permission denied for table")
      const grant = `grant ${role} to ${other.role};`
      expect(told).toContain(`What is missing: ${grant}`)
      yield* administer(admin, grant)
      yield* opened(theirs)
      yield* administer(admin, `drop owned by ${other.role}`, `drop owned by ${role} cascade`)
    }),
  )

  it.live("a role that only reads is told so by the database's own words", () =>
    Effect.gen(function* () {
      const { role, admin, url } = yield* guest
      const database = new URL(admin).pathname.slice(1)
      yield* administer(
        admin,
        `grant create on database ${database} to ${role}`,
        `alter role ${role} set default_transaction_read_only = on`,
      )
      expect(yield* refusalOf(url)).toContain(
        "The database says: cannot execute CREATE SCHEMA in a read-only transaction.",
      )
      yield* administer(admin, `drop owned by ${role}`)
    }),
  )

  it.live("a refused open leaves no connection, and no word of the password", () =>
    Effect.gen(function* () {
      const { role, url } = yield* guest
      const error = yield* Effect.promise(() =>
        Onymous.open({ database: url }).catch((reason: unknown) => reason),
      )
      expect(`${error} ${JSON.stringify(error)}`).not.toContain("hunter2")
      const left = `select 1 from pg_stat_activity where usename = '${role}'`
      while ((yield* administer(postgresUrl, left)).length > 0) yield* Effect.sleep("10 millis")
    }),
  )

  it.live("processes that open the same new project at once all have it", () =>
    Effect.gen(function* () {
      const database = yield* TestDatabase.fresh(postgresUrl)
      const open = Effect.promise(() => Onymous.open({ database, project: "new" }))
      const all = yield* Effect.all(
        Array.from({ length: 6 }, () => open),
        { concurrency: 6 },
      )
      yield* Effect.promise(() =>
        Promise.all(all.map((each, n) => each.capture({ distinctId: `user-${n}`, event: "e" }))),
      )
      const rows = yield* administer(database, "select position from onymous.projects")
      expect(rows).toEqual([{ position: 6n }])
      yield* Effect.promise(() => Promise.all(all.map((each) => each.close())))
    }),
  )
})
