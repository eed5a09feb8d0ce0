import { describe, expect, it } from "@effect/vitest"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, type Scope } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import * as Pooler from "@onymous/tidy/testing/Pooler"
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

  it.live(
    "two schemas of one database are two Onymous, also where a name is as long as can be",
    () =>
      Effect.gen(function* () {
        const database = yield* TestDatabase.fresh(postgresUrl)
        const open = (schema: string) => Effect.promise(() => Onymous.open({ database, schema }))
        const [one, other] = [yield* open("select"), yield* open("x".repeat(63))]
        for (const onymous of [one, other]) {
          const distinctId = onymous === one ? "one" : "other"
          const { position } = yield* Effect.promise(() =>
            onymous.identify({ distinctId, anonymousId: "device" }),
          )
          expect(position).toBe(1)
          const person = yield* Effect.promise(() => onymous.person("device"))
          expect(person?.distinctIds).toEqual(["device", distinctId])
          expect(yield* Effect.promise(() => onymous.rebuild())).toMatchObject({
            isPublished: true,
          })
        }
        expect(yield* schemas(database)).toEqual(["select", "x".repeat(63)])
        yield* Effect.promise(() => Promise.all([one.close(), other.close()]))
      }),
  )

  it.live("a server without TLS is used where that is only preferred", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      yield* opened(`${url}?sslmode=prefer`)
      for (const mode of ["require", "verify-ca", "verify-full"]) {
        expect(yield* refusalOf(`${url}?sslmode=${mode}`)).toContain("does not support TLS")
      }
    }),
  )

  it.live("a role that may have few connections is told how many are wanted, and fewer do", () =>
    Effect.gen(function* () {
      const { role, admin, url } = yield* guest
      const database = new URL(admin).pathname.slice(1)
      yield* administer(admin, `grant create on database ${database} to ${role}`)
      yield* administer(admin, `alter role ${role} connection limit 4`)
      expect(yield* refusalOf(url)).toContain(
        `has too few connections for Onymous, which opens up to 10: the role ${role} may have 4.`,
      )
      const onymous = yield* Effect.promise(() => Onymous.open({ database: url, connections: 4 }))
      const asked = Array.from({ length: 20 }, async (_, n) => {
        await onymous.capture({ distinctId: `user-${n}`, event: "e" })
        return onymous.person(`user-${n}`)
      })
      yield* Effect.promise(() => Promise.all(asked))
      yield* Effect.promise(() => onymous.close())
      yield* administer(admin, `drop owned by ${role}`)
    }),
  )

  it.live(
    "a database whose encoding lacks letters, and one that is not there, say how to make one",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const [latin, ascii] = [
          `${new URL(url).pathname.slice(1)}_l`,
          `${new URL(url).pathname.slice(1)}_a`,
        ]
        for (const [name, encoding] of [
          [latin, "LATIN1"],
          [ascii, "SQL_ASCII"],
        ] as const) {
          yield* Effect.acquireRelease(
            administer(
              url,
              `create database ${name} encoding '${encoding}' locale 'C' template template0`,
            ),
            () => Effect.orDie(TestDatabase.drop(url, name)),
          )
        }
        const at = (name: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href
        expect(yield* refusalOf(at(latin))).toContain(
          "its encoding is LATIN1, which does not have all letters. One that has is made by: create database",
        )
        yield* opened(at(ascii))
        expect(yield* refusalOf(at("nowhere"))).toContain(
          `What is missing: create database "nowhere" encoding 'UTF8'`,
        )
      }),
  )

  it.live.each(["refuses", "ignores"] as const)(
    "behind a pooler that %s the settings of a session, all works",
    (manner) =>
      Effect.gen(function* () {
        const direct = yield* TestDatabase.fresh(postgresUrl)
        const database = yield* Pooler.before(direct, manner)
        const onymous = yield* Effect.promise(() => Onymous.open({ database }))
        const captured = Array.from({ length: 200 }, (_, n) =>
          onymous.identify({ distinctId: `user-${n % 50}`, anonymousId: `device-${n}` }),
        )
        yield* Effect.promise(() => Promise.all(captured))
        const person = yield* Effect.promise(() => onymous.person("device-7"))
        expect(person?.distinctIds).toContain("user-7")
        expect(yield* Effect.promise(() => onymous.rebuild())).toMatchObject({ isPublished: true })
        const other = yield* Effect.promise(() => Onymous.open({ database: direct }))
        yield* Effect.promise(() => other.identify({ distinctId: "elsewhere", anonymousId: "tab" }))
        while ((yield* Effect.promise(() => onymous.person("elsewhere"))) === undefined) {
          yield* Effect.sleep("10 millis")
        }
        yield* Effect.promise(() => Promise.all([onymous.close(), other.close()]))
      }),
    300_000,
  )
})
