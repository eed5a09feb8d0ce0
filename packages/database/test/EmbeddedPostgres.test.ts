import { PGlite } from "@electric-sql/pglite"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import * as Reactivity from "effect/reactivity/Reactivity"
import { vi } from "vitest"
import * as Database from "../src/Database.ts"
import { causeText } from "../src/ErrorText.ts"
import { EmbeddedPostgres } from "../src/pglite/EmbeddedPostgres.ts"
import { PgliteSocket } from "../src/pglite/PgliteSocket.ts"
import * as PgSessions from "../src/sql/PgSessions.ts"
import * as TempDirectory from "./TempDirectory.ts"

const pglite = Effect.acquireRelease(
  Effect.promise(() => PGlite.create()),
  (opened) => Effect.promise(() => opened.close()),
)

/** A database that counts how often it is opened, by a clock that stands still. */
const counted = Effect.gen(function* () {
  const one = yield* pglite
  const at = { now: 0, opened: 0 }
  const open = () => Promise.resolve(one).finally(() => at.opened++)
  const directory = yield* TempDirectory.make
  const options = { open, directory, clock: () => at.now }
  const database = yield* Effect.promise(() => EmbeddedPostgres.open(options))
  const stop = Effect.promise(async () => {
    database.giveUp(one, "it broke.")
    await Promise.resolve()
  })
  const ask = Effect.tryPromise({ try: () => database.current(), catch: causeText })
  return { at, stop, ask, database }
})

it.effect("one that stops again and again is opened after pauses that double, up to a minute", () =>
  Effect.gen(function* () {
    const { at, stop, ask } = yield* counted
    yield* stop
    yield* ask
    expect(at.opened, "the first time at once").toBe(2)
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
      const { opened } = at
      yield* stop
      for (let times = 0; times < 100; times++) {
        expect(yield* Effect.flip(ask)).toContain(`it broke. It is opened again in ${seconds} s.`)
      }
      expect(at.opened).toBe(opened)
      at.now += seconds * 1000
      yield* ask
      expect(at.opened).toBe(opened + 1)
    }
    at.now += 60_001
    yield* stop
    yield* ask
    expect(at.opened, "it had answered for a while").toBe(11)
  }),
)

it.effect("one that was closed is not opened again", () =>
  Effect.gen(function* () {
    const { at, stop, ask, database } = yield* counted
    yield* stop
    yield* Effect.promise(() => database.close())
    expect(yield* Effect.flip(ask)).toContain("closed")
    expect(at.opened).toBe(1)
  }),
)

it.effect("what was in memory is not promised back", () =>
  Effect.gen(function* () {
    const one = yield* pglite
    const options = { open: () => Promise.resolve(one), directory: undefined }
    const database = yield* Effect.promise(() => EmbeddedPostgres.open(options))
    database.giveUp(one, "it broke")
    yield* Effect.promise(() => Promise.resolve())
    const refused = Effect.tryPromise({ try: () => database.current(), catch: causeText })
    expect(yield* Effect.flip(refused)).toContain("it broke. What was in memory is lost with it.")
  }),
)

it.live("one that breaks off without a word of Postgres is opened again, too", () =>
  Effect.gen(function* () {
    const [first, second] = [yield* pglite, yield* pglite]
    const all = [first, second]
    const open = () => Promise.resolve(all.shift() ?? second)
    const directory = yield* TempDirectory.make
    const database = yield* Effect.promise(() => EmbeddedPostgres.open({ open, directory }))
    const sql = yield* PgSessions.make({
      limit: undefined,
      pool: "all",
      stream: () => new PgliteSocket(database),
      username: "postgres",
      database: "postgres",
      maxConnections: 1,
    }).pipe(Effect.provide(Reactivity.layer))
    expect(yield* sql`select 1 as n`).toEqual([{ n: 1 }])
    vi.spyOn(first, "execProtocolRawStream").mockRejectedValue(new Error("unreachable"))
    expect(causeText(yield* Effect.flip(sql`select 2 as n`))).toContain("unreachable")
    expect(yield* sql`select 3 as n`).toEqual([{ n: 3 }])
    expect(all).toEqual([])
  }),
)

it.effect("one that cannot be opened again is told to whoever asks for it alone", () =>
  Effect.gen(function* () {
    const one = yield* pglite
    const directory = yield* TempDirectory.make
    const open = vi.fn(() => Promise.resolve(one))
    const database = yield* Effect.promise(() => EmbeddedPostgres.open({ open, directory }))
    const unheard = vi.fn()
    process.on("unhandledRejection", unheard)
    yield* Effect.addFinalizer(() => Effect.sync(() => process.off("unhandledRejection", unheard)))
    database.giveUp(one, "it broke")
    yield* Effect.promise(() => Promise.resolve())
    open.mockRejectedValueOnce(new Error("no such file"))
    const asked = database.current()
    database.giveUp(one, "it broke")
    const refused = Effect.tryPromise({ try: () => asked, catch: causeText })
    expect(yield* Effect.flip(refused)).toContain("no such file")
    yield* Effect.promise(() => new Promise(setImmediate))
    expect(unheard).not.toHaveBeenCalled()
  }),
)

it.live("one whose answer cannot be passed on is opened again, and nobody waits for it", () =>
  Effect.gen(function* () {
    const [first, second] = [yield* pglite, yield* pglite]
    const all = [first, second]
    const open = () => Promise.resolve(all.shift() ?? second)
    const directory = yield* TempDirectory.make
    const database = yield* Effect.promise(() => EmbeddedPostgres.open({ open, directory }))
    class Deaf extends PgliteSocket {
      override push(): boolean {
        throw new Error("nobody hears")
      }
    }
    const socket = new Deaf(database)
    const failed = Effect.callback<unknown>((resume) => {
      socket.on("error", (error) => resume(Effect.succeed(error)))
      const user = new TextEncoder().encode("user\0postgres\0\0")
      socket.write(new Uint8Array([0, 0, 0, 8 + user.length, 0, 3, 0, 0, ...user]))
    })
    expect(String(yield* failed)).toContain("nobody hears")
    expect((yield* Effect.promise(() => database.current())) === second).toBe(true)
    const { rows } = yield* Effect.promise(() => second.query("select 1 as one"))
    expect(rows).toEqual([{ one: 1 }])
  }),
)

it.live("an error of any length leaves it as it was", () =>
  Effect.gen(function* () {
    const directory = yield* TempDirectory.make
    for (const place of ["memory", directory]) {
      const asked = Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        for (const length of [100_000, 400_000]) {
          const error = yield* Effect.flip(sql`select ${"x".repeat(length)}::text::uuid`)
          expect(causeText(error)).toContain("invalid input syntax for type uuid")
          expect(yield* sql`select 1 as one`).toEqual([{ one: 1 }])
        }
      })
      yield* Effect.provide(asked, Database.layer(place), { local: true })
    }
  }),
)
