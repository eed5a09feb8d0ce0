import { it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"
import * as InProcess from "./InProcess.ts"

const postgresUrl = inject("postgresUrl")

/** A database with two events in project 1, all derived, and then changed by hand. */
const changed = Effect.fnUntraced(function* (statement: string) {
  const url = yield* TestDatabase.fresh(postgresUrl)
  yield* Effect.promise(async () => {
    const onymous = await Onymous.open({ database: url })
    await onymous.capture({ distinctId: "ann", event: "seen" })
    await onymous.capture({ distinctId: "ann", event: "seen" })
    await onymous.person("ann")
    await onymous.close()
  })
  yield* Effect.flatMap(SchemaClient, (sql) => sql.unsafe(statement)).pipe(
    Effect.provide(Database.layer(url), { local: true }),
  )
  const run = (...words: ReadonlyArray<string>) =>
    Effect.promise(() => InProcess.onymous([...words, "--database-url", url]))
  return run
})

describe.skipIf(!postgresUrl)("a project that stands still", () => {
  it.live(
    "for a policy that is none: status, doctor and questions say so, a rebuild heals it",
    () =>
      Effect.gen(function* () {
        const run = yield* changed(`update onymous.checkpoints set policy = '{}'`)
        const remedy = '"onymous rebuild --project 1" derives it again'
        const status = yield* run("status")
        expect(status).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) })
        expect(status.stdout).not.toMatch(/caught up|null/)
        const doctor = yield* run("doctor")
        expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining(remedy) })
        const persons = yield* run("persons")
        expect(persons).toMatchObject({ code: 3, stderr: expect.stringContaining(remedy) })
        expect(yield* run("rebuild")).toMatchObject({ code: 0 })
        expect(yield* run("status")).toMatchObject({
          code: 0,
          stdout: expect.stringContaining("caught up"),
        })
      }),
  )

  it.live("for a head behind its events: status and doctor say so, and how it is mended", () =>
    Effect.gen(function* () {
      const run = yield* changed(`update onymous.projects set position = 1`)
      const remedy = "restore the tables projects and events from one backup"
      const status = yield* run("status")
      expect(status).toMatchObject({ code: 1, stderr: expect.stringContaining(remedy) })
      expect(status.stdout).not.toMatch(/caught up|null/)
      const doctor = yield* run("doctor")
      expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining(remedy) })
    }),
  )

  it.live("no import makes a project again whose events are there", () =>
    Effect.gen(function* () {
      const run = yield* changed(`delete from onymous.projects`)
      const home = mkdtempSync(join(tmpdir(), "onymous-import-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true })))
      const file = join(home, "log.ndjson")
      writeFileSync(file, `${JSON.stringify({ event: "seen", distinct_id: "ann" })}\n`)
      const imported = yield* run("import", file, "--project", "1")
      expect(imported.code).toBe(3)
      expect(imported.stderr).toContain("The log of project 1 ends at 0 in the table projects")
    }),
  )
})
