import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import { afterEach, describe, vi } from "vitest"
import * as Database from "../src/Database.ts"
import { causeText } from "../src/ErrorText.ts"
import { PanicWatch } from "../src/pglite/PanicWatch.ts"
import * as TempDirectory from "./TempDirectory.ts"

/** A disk on which nothing can be written any more. */
const fill = () => {
  vi.spyOn(fs, "writeSync").mockImplementation(() => {
    throw Object.assign(new Error("no space left on device"), { code: "ENOSPC", errno: -28 })
  })
  const statfs = fs.statfsSync
  vi.spyOn(fs, "statfsSync").mockImplementation((path) =>
    Object.assign(statfs(path), { bavail: 0 }),
  )
  syncBuiltinESMExports()
}

const free = () => {
  vi.restoreAllMocks()
  syncBuiltinESMExports()
}

afterEach(free)

it.live("a full disk stops the embedded database, in words; it goes on once there is room", () =>
  Effect.gen(function* () {
    const directory = yield* TempDirectory.make
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql`create table numbers (n int primary key)`
      yield* sql`insert into numbers values (1)`
      fill()
      const insert = (n: number) => sql`insert into numbers values (${n})`
      const refused = [yield* Effect.flip(insert(2)), yield* Effect.flip(insert(3))]
      expect(refused.map(causeText).join()).toContain("The embedded database has stopped")
      free()
      yield* insert(4)
      expect(yield* sql`select n from numbers order by n`).toEqual([{ n: 1 }, { n: 4 }])
    }).pipe(Effect.provide(Database.layer(directory)))
    const numbers = Effect.flatMap(
      SqlClient.SqlClient,
      (sql) => sql`select n from numbers order by n`,
    )
    const kept = yield* Effect.provide(numbers, Database.layer(directory), { local: true })
    expect(kept).toEqual([{ n: 1 }, { n: 4 }])
  }),
)

it.live("a directory whose disk is full is refused by name, and is left as it was", () =>
  Effect.gen(function* () {
    const directory = yield* TempDirectory.make
    vi.spyOn(fs, "writeFileSync").mockImplementation(() => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })
    })
    syncBuiltinESMExports()
    const refused = yield* Effect.flip(Effect.scoped(Layer.build(Database.layer(directory))))
    expect(refused.message).toBe(
      `${directory} cannot be used as a database: ENOSPC: no space left on device, write`,
    )
    free()
    expect(fs.readdirSync(directory)).toEqual([])
  }),
)

describe("a panic", () => {
  const encoder = new TextEncoder()
  const message = (type: string, text: string) => {
    const body = encoder.encode(text)
    const bytes = new Uint8Array(5 + body.length)
    bytes[0] = type.charCodeAt(0)
    new DataView(bytes.buffer).setInt32(1, 4 + body.length)
    bytes.set(body, 5)
    return bytes
  }
  const said = [
    message("D", "SPANIC\0VPANIC\0Mwhat a row holds\0\0"),
    message("C", ""),
    message("E", "SERROR\0VERROR\0C22012\0Mdivision by zero\0\0"),
    message("Z", "I"),
    message("E", "SPANIK\0VPANIC\0C53100\0Mno space left\0\0"),
  ]
  const all = said.flatMap((bytes) => [...bytes])

  it("is an error that says so, in however many pieces it comes", () => {
    for (const size of [1, 2, 3, 5, 7, 64, all.length]) {
      const watch = new PanicWatch()
      const found: Array<string> = []
      for (let at = 0; at < all.length; at += size) {
        const panic = watch.read(Uint8Array.from(all.slice(at, at + size)))
        if (panic !== undefined) found.push(panic)
      }
      expect(found, `${size}`).toEqual(["no space left"])
    }
  })

  it("is no row and no lesser error", () => {
    const watch = new PanicWatch()
    for (const bytes of said.slice(0, -1)) expect(watch.read(bytes)).toBeUndefined()
  })
})
