import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { vi } from "vitest"
import * as Database from "../src/Database.ts"
import * as Child from "./Child.ts"
import * as TempDirectory from "./TempDirectory.ts"

const numbers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly n: number }>`select n from numbers order by n`
  return rows.map((row) => row.n)
})

const write = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table numbers (n int primary key)`
  yield* sql`insert into numbers (n) select generate_series(1, 1000)`
})

/** Counts the calls of fsync until the scope closes. */
const fsyncs = Effect.acquireRelease(
  Effect.sync(() => {
    const spy = vi.spyOn(fs, "fsyncSync")
    syncBuiltinESMExports()
    return spy
  }),
  (spy) =>
    Effect.sync(() => {
      spy.mockRestore()
      syncBuiltinESMExports()
    }),
)

describe("PGlite in a directory", () => {
  it.live("keeps committed rows when it is closed and opened again", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      yield* Effect.provide(write, Database.layer(directory), { local: true })
      const rows = yield* Effect.provide(numbers, Database.layer(directory), { local: true })
      expect(rows).toHaveLength(1000)
    }),
  )

  it.live("keeps every row that was answered when it is killed, and takes the lock over", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      const child = yield* Child.run("commits.ts", [directory])
      let acknowledged = 0
      while (acknowledged < 100) acknowledged = Number(yield* Effect.promise(child.line))
      acknowledged = Number((yield* Effect.promise(child.kill)).at(-1) ?? acknowledged)
      const rows = yield* Effect.provide(numbers, Database.layer(directory))
      expect(rows).toEqual(rows.map((_, index) => index + 1))
      // The script may have died between its last commit and the answer.
      expect([acknowledged, acknowledged + 1]).toContain(rows.length)
    }),
  )

  it.live("answers a commit only after fsync", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      const spy = yield* fsyncs
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        yield* sql`create table numbers (n int primary key)`
        for (let n = 0; n < 5; n++) {
          const before = spy.mock.calls.length
          yield* sql`insert into numbers (n) values (${n})`
          expect(spy.mock.calls.length).toBeGreaterThan(before)
        }
      }).pipe(Effect.provide(Database.layer(directory)))
    }),
  )

  it.live("is refused to a second process, with the directory and the pid of the first", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      const child = yield* Child.run("commits.ts", [directory])
      yield* Effect.promise(child.line)
      const error = yield* Effect.flip(Effect.provide(numbers, Database.layer(directory)))
      expect(error).toMatchObject({ reason: { _tag: "InUse", directory, pid: child.pid } })
      expect(error.message).toContain(directory)
      expect(error.message).toContain(`(process ${child.pid})`)
      // The first process goes on undisturbed.
      yield* Effect.promise(child.line)
    }),
  )

  it.live("is refused to the process that has it already", () =>
    Effect.gen(function* () {
      const directory = yield* TempDirectory.make
      const second = Effect.provide(numbers, Database.layer(directory), { local: true })
      const error = yield* Effect.flip(second).pipe(Effect.provide(Database.layer(directory)))
      expect(error).toMatchObject({ reason: { _tag: "InUse", directory, pid: process.pid } })
    }),
  )

  it.live("says which path it is that cannot be a directory", () =>
    Effect.gen(function* () {
      const file = `${yield* TempDirectory.make}/file`
      fs.writeFileSync(file, "")
      const error = yield* Effect.flip(Effect.provide(numbers, Database.layer(file)))
      expect(error).toMatchObject({ reason: { _tag: "Unusable", location: file } })
    }),
  )

  it.live("says so of a place where none can be made", () =>
    Effect.gen(function* () {
      const nowhere = "/proc/onymous/data"
      const error = yield* Effect.flip(Effect.provide(numbers, Database.layer(nowhere)))
      expect(error).toMatchObject({ reason: { _tag: "Unusable", location: nowhere } })
    }),
  )
})
