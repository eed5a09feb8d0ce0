import { describe, expect, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { createServer, type Server } from "node:net"
import { inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import * as Database from "../src/Database.ts"
import * as Migrations from "../src/Migrations.ts"
import { SchemaClient } from "../src/sql/SchemaClient.ts"
import { StatementLimit } from "../src/sql/StatementLimit.ts"

const postgresUrl = inject("postgresUrl")

const connect = (url: string) => Effect.scoped(Layer.build(Database.layer(url)))

const steps: Migrations.Migrations["steps"] = {
  "0001_numbers": Effect.gen(function* () {
    const sql = yield* SchemaClient
    yield* sql`create table ${sql.ours("numbers")} (n int)`
  }),
  "0002_first": Effect.gen(function* () {
    const sql = yield* SchemaClient
    yield* sql`insert into ${sql.ours("numbers")} (n) values (1)`
  }),
}

const migrate = (url: string, some: Migrations.Migrations["steps"], former?: Migrations.Former) =>
  Effect.provide(
    Migrations.run({
      table: "steps",
      makes: ["numbers"],
      steps: some,
      ...(former && { former: [former] }),
    }),
    Database.layer(url),
    { local: true },
  )

const numbers = (url: string) =>
  Effect.flatMap(SchemaClient, (sql) => sql`select n from ${sql.ours("numbers")} order by n`).pipe(
    Effect.provide(Database.layer(url), { local: true }),
  )

describe.skipIf(!postgresUrl)("with a server", () => {
  it.live("of five processes that start together, one migrates", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const starts = Array.from({ length: 5 }, () => migrate(url, steps))
      yield* Effect.all(starts, { concurrency: "unbounded" })
      expect(yield* numbers(url)).toEqual([{ n: 1 }])
    }),
  )

  it.live("a start that fails half-way leaves nothing, and a later one runs what is missing", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const broken = Effect.flatMap(SchemaClient, (sql) => sql`select 1 / 0`)
      const error = yield* Effect.flip(migrate(url, { ...steps, "0003_broken": broken }))
      expect(error).toMatchObject({ reason: { _tag: "Unusable" } })
      yield* migrate(url, { "0001_numbers": steps["0001_numbers"] ?? Effect.void })
      expect(yield* numbers(url)).toEqual([])
      yield* migrate(url, steps)
      yield* migrate(url, steps)
      expect(yield* numbers(url)).toEqual([{ n: 1 }])
    }),
  )

  it.live("what a later version has used is refused, and stays as it was", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      yield* migrate(url, { ...steps, "0003_later": Effect.void })
      const error = yield* Effect.flip(migrate(url, steps))
      expect(error.message).toContain("a later version of Onymous (it has the step 0003_later)")
      expect(yield* numbers(url)).toEqual([{ n: 1 }])
    }),
  )

  it.live.each(["steps", "former_steps"])(
    "steps that were squashed into one, and are kept in %s, are brought there by one of five",
    (table) =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const before = { table, makes: ["numbers"], steps }
        yield* Effect.provide(Migrations.run(before), Database.layer(url), { local: true })
        const bring = (done: ReadonlySet<string>) =>
          Effect.flatMap(
            SchemaClient,
            (sql) => sql`insert into ${sql.ours("numbers")} (n) values (${done.size * 10})`,
          )
        const former = { table, names: Object.keys(steps), bring }
        const squashed = { "0001_all": Effect.die("It has run.") }
        const starts = Array.from({ length: 5 }, () => migrate(url, squashed, former))
        yield* Effect.all(starts, { concurrency: "unbounded" })
        expect(yield* numbers(url)).toEqual([{ n: 1 }, { n: 20 }])
        const old = yield* Effect.flip(
          Effect.provide(Migrations.run(before), Database.layer(url), { local: true }),
        )
        expect(["Later", "Foreign"]).toContain(old.reason._tag)
      }),
  )
})

it.live("a server that is not there is told by its address, without the password", () =>
  Effect.gen(function* () {
    const url = "postgres://somebody:hunter2@127.0.0.1:1/shop"
    const error = yield* Effect.flip(connect(url))
    expect(error).toMatchObject({ reason: { _tag: "Unreachable", server: "127.0.0.1:1/shop" } })
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain("hunter2")
  }),
)

/** A server that accepts clients as Postgres does, and says nothing after that. */
const welcoming = Effect.acquireRelease(
  Effect.callback<Server>((resume) => {
    const trusted = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
    const ready = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])
    const server = createServer((socket) => {
      socket.on("error", () => {})
      socket.once("data", () => {
        // No TLS; the client's start message comes next.
        socket.write("N")
        socket.once("data", () => socket.write(Buffer.concat([trusted, ready])))
      })
    })
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
  }),
  (server) => Effect.sync(() => void server.close()),
)

it.live("a server that says nothing at the start is given up, and told", () =>
  Effect.gen(function* () {
    const address = (yield* welcoming).address()
    const port = typeof address === "object" ? address?.port : undefined
    const error = yield* Effect.flip(connect(`postgres://somebody@127.0.0.1:${port}/shop`)).pipe(
      Effect.provideService(StatementLimit, Duration.seconds(1)),
    )
    expect(error.message).toContain("gives no connection: It says nothing for 1 s.")
  }),
)
