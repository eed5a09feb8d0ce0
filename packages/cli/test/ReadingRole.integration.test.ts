import { it } from "@effect/vitest"
import { Effect } from "effect"
import { randomBytes } from "node:crypto"
import { describe, expect, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"
import * as InProcess from "./InProcess.ts"

const postgresUrl = inject("postgresUrl")

/** A database in which ann was a tablet once, all derived. */
const used = Effect.gen(function* () {
  const url = yield* TestDatabase.fresh(postgresUrl)
  yield* Effect.promise(async () => {
    const onymous = await Onymous.open({ database: url })
    await onymous.identify({ distinctId: "ann", anonymousId: "tablet" })
    await onymous.person("ann")
    await onymous.close()
  })
  return url
})

const owning = <A, E>(url: string, act: (sql: SchemaClient["Service"]) => Effect.Effect<A, E>) =>
  Effect.flatMap(SchemaClient, act).pipe(Effect.provide(Database.layer(url), { local: true }))

/** A role that may read every table of a database and make nothing, as part of a URL. */
const readerOf = Effect.fnUntraced(function* (url: string) {
  const role = `onymous_reader_${randomBytes(4).toString("hex")}`
  const password = randomBytes(8).toString("hex")
  const act = (...statements: ReadonlyArray<string>) =>
    owning(url, (sql) => Effect.forEach(statements, (text) => sql.unsafe(text)))
  yield* Effect.acquireRelease(act(`create role ${role} login password '${password}'`), () =>
    Effect.orDie(act(`drop owned by ${role}`, `drop role ${role}`)),
  )
  yield* act(
    `grant usage on schema onymous to ${role}`,
    `grant select on all tables in schema onymous to ${role}`,
  )
  return Object.assign(new URL(url), { username: role, password }).href
})

/** A database that takes no writes, as a standby does not. */
const standby = (url: string) =>
  owning(url, (sql) =>
    sql.unsafe(
      `alter database "${new URL(url).pathname.slice(1)}" set default_transaction_read_only = on`,
    ),
  ).pipe(Effect.as(url))

const readingCommands = [
  ["status"],
  ["persons"],
  ["persons", "--distinct-id", "ann"],
  ["events"],
  ["warnings"],
  ["waiting"],
  ["policy"],
  ["why", "ann", "tablet"],
  ["trace", "1"],
  ["history", "ann"],
  ["diff", "0"],
  ["projects"],
  ["keys"],
  ["operations"],
  ["verify"],
  ["export", "--out", "/dev/null"],
]

describe.skipIf(!postgresUrl)("commands that only read", () => {
  for (const [where, reading] of [
    ["by a role that may only read", readerOf],
    ["on a database that takes no writes", standby],
  ] as const) {
    it.live(`answer ${where}`, () =>
      Effect.gen(function* () {
        const url = yield* reading(yield* used)
        const said: Array<string> = []
        for (const words of readingCommands) {
          const { code, stderr } = yield* Effect.promise(() =>
            InProcess.onymous([...words, "--database-url", url]),
          )
          if (code !== 0) said.push(`${words.join(" ")}: ${code} ${stderr}`)
        }
        expect(said).toEqual([])
      }),
    )
  }
})
