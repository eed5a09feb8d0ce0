import { PgClient } from "@effect/sql-pg"
import { it } from "@effect/vitest"
import { Effect, Redacted, Schedule } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onymous, started } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

const inFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "onymous-import-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true })),
)

/** From now on the log does not store events of this name. */
const refuse = Effect.fnUntraced(function* (url: string, name: string) {
  const sql = yield* PgClient.make({ url: Redacted.make(url), maxConnections: 1 })
  yield* sql.unsafe(`alter table onymous.events add constraint picky check (name <> '${name}')`)
}, Effect.provide(Reactivity.layer))

const looks = Schedule.spaced("100 millis")

/** A connection beside the command's own. */
const elsewhere = Effect.fnUntraced(function* (url: string) {
  return yield* PgClient.make({ url: Redacted.make(url), maxConnections: 1 })
}, Effect.provide(Reactivity.layer))

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "a line that the log cannot store is told by its number, and the others are taken",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const folder = yield* inFolder
        const imported = (...names: ReadonlyArray<string>) => {
          const file = join(folder, "log.ndjson")
          const lines = names.map((event) => JSON.stringify({ event, distinct_id: "a" }))
          writeFileSync(file, lines.join("\n"))
          return Effect.promise(() => onymous(["import", file, "--json", "--database-url", url]))
        }
        expect((yield* imported("first")).code).toBe(0)
        yield* refuse(url, "bad")
        const { code, stdout, stderr } = yield* imported("first", "second", "bad", "third", "bad")
        expect({ code, ...JSON.parse(stdout) }).toMatchObject({
          code: 1,
          added: 2,
          known: 1,
          bad: 2,
        })
        expect(stderr).toMatch(/^line 3: The event \S+ cannot be stored: .*picky/m)
        expect(stderr).toMatch(/^line 5: /m)
      }),
    600_000,
  )

  it.live(
    "a database that gives no connection for a while is waited for, and no event is doubled",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const name = new URL(url).pathname.slice(1)
        const lines = Array.from({ length: 2000 }, (_, index) =>
          JSON.stringify({ event: `e${index}`, distinct_id: "a" }),
        ).join("\n")
        const importing = started(["import", "-", "--json", "--database-url", url])
        let [stdout, stderr] = ["", ""]
        importing.stdout.on("data", (chunk: Buffer) => (stdout += chunk))
        importing.stderr.on("data", (chunk: Buffer) => (stderr += chunk))
        importing.stdin.write(lines.slice(0, lines.length / 2 + 10_000))
        const sql = yield* elsewhere(url)
        const count = Effect.map(
          Effect.orElseSucceed(sql`select 1 from onymous.events`, () => []),
          ({ length }) => length,
        )
        yield* Effect.repeat(count, { until: (found) => found === 1000, schedule: looks })
        const server = yield* elsewhere(postgresUrl ?? "")
        yield* server.unsafe(`alter database ${name} allow_connections false`)
        yield* server`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name}`
        importing.stdin.end(lines.slice(lines.length / 2 + 10_000))
        const isTold = Effect.sync(() => stderr.includes("trying again"))
        yield* Effect.repeat(isTold, { until: (is) => is, schedule: looks })
        yield* server.unsafe(`alter database ${name} allow_connections true`)
        const [code] = yield* Effect.promise(() => once(importing, "close"))
        expect({ code, stderr }).toMatchObject({ code: 0 })
        expect(JSON.parse(stdout)).toMatchObject({ lines: 2000, bad: 0 })
        const rows = yield* Effect.retry(sql`select 1 from onymous.events`, { times: 3 })
        expect(rows).toHaveLength(2000)
      }),
    120_000,
  )
})
