import { it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, inject } from "vitest"
import * as Database from "@onymous/database/Database"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Pooler from "@onymous/tidy/testing/Pooler"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { Onymous } from "onymous"
import * as InProcess from "./InProcess.ts"
import { key, serve } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

/** The doctor's exit code, its checks, and each finding that is not ok. */
const doctor = Effect.fnUntraced(function* (...location: ReadonlyArray<string>) {
  const { code, stdout } = yield* Effect.promise(() =>
    InProcess.onymous(["doctor", "--json", ...location]),
  )
  // The command runs in this process, so log lines precede its answer.
  const { findings } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")
  const checks: Array<string> = []
  const told: Record<string, string> = {}
  for (const { check, status, found } of findings) {
    checks.push(check)
    if (status !== "ok") told[check] = `${status}: ${found}`
  }
  return { code, checks, told }
})

/** A database with one event in it, all derived. */
const used = Effect.gen(function* () {
  const url = yield* TestDatabase.fresh(postgresUrl)
  yield* Effect.promise(async () => {
    const onymous = await Onymous.open({ database: url })
    await onymous.capture({ distinctId: "ann", event: "seen" })
    await onymous.person("ann")
    await onymous.close()
  })
  return url
})

const changed = (
  url: string,
  change: (sql: SchemaClient["Service"]) => Effect.Effect<unknown, unknown>,
) => Effect.flatMap(SchemaClient, change).pipe(Effect.provide(Database.layer(url), { local: true }))

describe.skipIf(!postgresUrl)("the doctor on Postgres", () => {
  it.live("finds nothing wrong with a database in use, and changes nothing of it", () =>
    Effect.gen(function* () {
      const url = yield* used
      const { code, checks, told } = yield* doctor("--database-url", url)
      expect(checks).toEqual([
        "versions",
        "tables",
        "postgres",
        "settings",
        "grants",
        "connections",
        "pooler",
        "clock",
        "project 1",
      ])
      // The Postgres of the tests may run without fsync.
      const unsafe = Object.values(told).filter((each) => each.startsWith("wrong: fsync"))
      expect(Object.values(told)).toEqual(unsafe)
      expect(code).toBe(unsafe.length)
    }),
  )

  it.live(
    "says what is wrong: a step that has not run, a right that is lacking, a log wound back",
    () =>
      Effect.gen(function* () {
        const url = yield* used
        yield* changed(url, (sql) => sql`delete from ${sql.ours("events")}`)
        yield* changed(url, (sql) => sql`update ${sql.ours("projects")} set position = 0`)
        const wound = yield* doctor("--database-url", url)
        expect(wound).toMatchObject({
          code: 1,
          told: { "project 1": expect.stringContaining("wound back") },
        })
        yield* changed(
          url,
          (sql) => sql`delete from ${sql.ours("log_migrations")} where name = '0004_acts'`,
        )
        const late = yield* doctor("--database-url", url)
        expect(late).toMatchObject({
          code: 1,
          told: { tables: expect.stringContaining("0004_acts") },
        })
        expect(late.checks).not.toContain("project 1")
      }),
  )

  it.live(
    "names what a partial restore has left out, and what makes it again, and nothing appends before",
    () =>
      Effect.gen(function* () {
        const url = yield* used
        const doctored = () =>
          Effect.promise(() => InProcess.onymous(["doctor", "--database-url", url]))
        for (const statement of [
          "drop index onymous.events_uuid",
          "alter table onymous.events drop constraint events_pkey",
        ]) {
          yield* changed(url, (sql) => sql.unsafe(statement))
        }
        const opened = yield* Effect.promise(() =>
          Onymous.open({ database: url }).then(
            () => "opened",
            (error) => String(error),
          ),
        )
        expect(opened).toContain("onymous.events has lost its index events_pkey")
        for (const statement of [
          "drop index onymous.checkpoints_live",
          "drop index onymous.checkpoints_making",
          "drop index onymous.memberships_key",
          "drop table onymous.links_shared",
        ]) {
          yield* changed(url, (sql) => sql.unsafe(statement))
        }
        const found = yield* doctor("--database-url", url)
        expect(found).toMatchObject({ code: 1, told: { tables: expect.stringMatching(/^wrong/) } })
        expect(found.told["tables"]?.match(/\w+_\w+/g)).toEqual([
          "events_pkey",
          "events_uuid",
          "links_shared",
          "checkpoints_live",
          "checkpoints_making",
          "memberships_key",
        ])
        const { stdout } = yield* doctored()
        const remedies = [
          "alter table onymous.events add constraint events_pkey primary key (project_id, position);",
          "create unique index events_uuid on onymous.events (uuid, project_id);",
          "update onymous.persons_migrations set name = '0001_persons';",
        ]
        for (const remedy of remedies) {
          expect(stdout).toContain(remedy)
          yield* changed(url, (sql) => sql.unsafe(remedy))
        }
        yield* Effect.promise(async () => {
          const onymous = await Onymous.open({ database: url })
          await onymous.identify({ distinctId: "ann", anonymousId: "a" })
          expect((await onymous.person("ann"))?.distinctIds).toEqual(["a", "ann"])
          await onymous.close()
        })
        const { told } = yield* doctor("--database-url", url)
        expect(Object.keys(told).filter((check) => check !== "settings")).toEqual([])
      }),
    120_000,
  )

  it.live(
    "says that there is nothing, that there is no server, and that a pooler is on the way",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        expect(yield* doctor("--database-url", url)).toMatchObject({
          code: 1,
          told: { tables: expect.stringContaining("wrong: There is no Onymous in") },
        })
        const tables = yield* changed(
          url,
          (sql) => sql`select 1 from pg_namespace where nspname = 'onymous'`,
        )
        expect(tables).toEqual([])
        const nobody = yield* doctor("--database-url", "postgres://nobody:hunter2@127.0.0.1:1/none")
        expect(nobody).toMatchObject({
          code: 1,
          told: { database: expect.stringContaining("no connection") },
        })
        expect(JSON.stringify(nobody)).not.toContain("hunter2")
        const pooled = yield* Pooler.before(yield* used, "ignores")
        expect(yield* doctor("--database-url", pooled)).toMatchObject({
          told: { pooler: expect.stringContaining("warning") },
        })
      }),
  )
})

describe("the doctor", () => {
  it.live(
    "asks who serves a directory, and makes none where there is none",
    () =>
      Effect.gen(function* () {
        const home = mkdtempSync(join(tmpdir(), "onymous-doctor-"))
        yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(home, { recursive: true })))
        const data = join(home, "data")
        expect(yield* doctor("--data-dir", data)).toMatchObject({
          code: 1,
          told: { database: expect.stringContaining("There is no Onymous in") },
        })
        expect(existsSync(data)).toBe(false)
        const server = yield* Effect.promise(() => serve(["--data-dir", data]))
        const served = yield* doctor("--data-dir", data)
        expect(served).toEqual({
          code: 0,
          checks: ["versions", "ready", "clock", "captures", "project 1"],
          told: {},
        })
        const own = yield* doctor("--url", server.url, "--key", key)
        expect(own).toEqual({
          code: 0,
          checks: ["versions", "ready", "clock", "project 1"],
          told: {},
        })
        yield* Effect.promise(() => server.stop())
        expect(yield* doctor("--url", server.url, "--key", key)).toMatchObject({
          code: 1,
          told: { ready: expect.stringContaining("There is no answer from") },
        })
        const { code, checks } = yield* doctor("--data-dir", data)
        expect({ code, checks }).toEqual({
          code: 0,
          checks: ["versions", "tables", "postgres", "settings", "grants", "disk", "project 1"],
        })
      }),
    600_000,
  )
})
