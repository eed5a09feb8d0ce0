import { PgClient } from "@effect/sql-pg"
import { it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, inject } from "vitest"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { onymous } from "./Serving.ts"

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
})
