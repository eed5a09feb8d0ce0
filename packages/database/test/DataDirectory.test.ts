import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { SqlClient } from "effect/sql"
import * as Database from "../src/Database.ts"
import type { Options } from "../src/DatabaseSettings.ts"
import * as DataDirectory from "../src/pglite/DataDirectory.ts"
import * as TempDirectory from "./TempDirectory.ts"

const asked = Effect.flatMap(SqlClient.SqlClient, (sql) => sql`select 1`)

const open = (directory: string, options?: Options) =>
  Effect.provide(asked, Database.layer(directory, options), { local: true })

it.live(
  "a broken data directory says which file, and what to do",
  () =>
    Effect.gen(function* () {
      const made = yield* TempDirectory.make
      yield* open(made)
      const version = readFileSync(join(DataDirectory.dataOf(made), "PG_VERSION"), "utf8").trim()
      expect(version).toBe(DataDirectory.postgresVersion)
      expect(DataDirectory.faultOf(made), "none at first").toBe(undefined)

      const broken: ReadonlyArray<readonly [string, (data: string) => void, RegExp]> = [
        [
          "no version",
          (data) => rmSync(join(data, "PG_VERSION")),
          /PG_VERSION is missing or empty/,
        ],
        [
          "an older version",
          (data) => writeFileSync(join(data, "PG_VERSION"), "15\n"),
          /PG_VERSION says Postgres 15, and this Onymous has Postgres 18: export it/,
        ],
        [
          "no control file",
          (data) => rmSync(join(data, "global/pg_control")),
          /global\/pg_control is missing or empty: put the directory back/,
        ],
        [
          "a control file of something else",
          (data) => writeFileSync(join(data, "global/pg_control"), Buffer.alloc(8192, 7)),
          /Postgres 18 says: database files are incompatible with server \(.*\): put/,
        ],
        [
          "no write-ahead log",
          (data) => {
            for (const name of readdirSync(join(data, "pg_wal"))) {
              rmSync(join(data, "pg_wal", name), { recursive: true })
            }
          },
          /Postgres 18 says: .*checkpoint/,
        ],
        [
          "a catalog that is cut off",
          (data) => truncateSync(join(data, "base/5/1259"), 0),
          /base\/5\/1259|Postgres 18 says: /,
        ],
      ]
      for (const [what, breaks, words] of broken) {
        const copy = yield* TempDirectory.make
        cpSync(DataDirectory.dataOf(made), DataDirectory.dataOf(copy), { recursive: true })
        breaks(DataDirectory.dataOf(copy))
        const error = yield* Effect.flip(open(copy))
        expect(error.message, what).toMatch(words)
        expect(error.message, what).toContain(copy)
        expect(existsSync(join(copy, "onymous.lock")), `${what}: nothing stays held`).toBe(false)
      }
    }),
  600_000,
)

it.live("whoever only asks makes nothing in a directory, whatever is in it", () =>
  Effect.gen(function* () {
    const directory = yield* TempDirectory.make
    writeFileSync(join(directory, "notes.txt"), "mine")
    for (const place of [directory, join(directory, "nowhere"), "memory"]) {
      const error = yield* Effect.flip(open(place, { creates: false }))
      expect(error).toMatchObject({ reason: { _tag: "Absent", location: place } })
    }
    expect(readdirSync(directory)).toEqual(["notes.txt"])
  }),
)
