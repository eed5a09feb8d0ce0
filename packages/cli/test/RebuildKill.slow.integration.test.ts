import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, inject } from "vitest"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import * as DerivedTables from "@onymous/persons/rows/DerivedTables"
import * as TestDatabase from "@onymous/tidy/testing/TestDatabase"
import { bin, onymous } from "./Serving.ts"

const postgresUrl = inject("postgresUrl")

/** Enough events for an edition apart; merges, refusals and property changes are all over the log. */
const eventCount = 42_000

/** How often the test kills a rebuild; `ONYMOUS_TEST_KILLS` sets another number. */
const kills = Number(process.env["ONYMOUS_TEST_KILLS"] ?? 5)

/** How many more looks at the database a round takes than the round before. */
const looksPerRound = 20

const lines = Array.from({ length: eventCount }, (_, index) => {
  const [visit, step] = [Math.trunc(index / 6), index % 6]
  const [anonymous, user] = [`anonymous-${visit}`, `user-${visit % 700}`]
  const properties =
    step === 3
      ? { $anon_distinct_id: visit % 9 === 0 ? `user-${(visit + 1) % 700}` : anonymous }
      : { $set: { step: index % 11 } }
  const event = step === 3 ? "$identify" : "$pageview"
  return JSON.stringify({ event, distinct_id: step < 3 ? anonymous : user, properties })
})

const start = (location: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, [bin, "rebuild", ...location], { stdio: "ignore" })

/**
 * Kills a rebuild while it makes its edition, in each round a little later: while it writes rows, builds indexes, or
 * publishes. Answers whether the kill came in time, and whether the edition has rows.
 */
const killed = Effect.fnUntraced(function* (location: ReadonlyArray<string>, round: number) {
  const sql = yield* SchemaClient
  const claims = sql`select edition::text, epoch::text from ${sql.ours("checkpoints")} where not is_live`
  const written = sql`select 1 from ${sql.ours("checkpoints")} where not is_live and position > 0`
  const left = JSON.stringify(yield* claims)
  const child = start(location)
  const gone = once(child, "exit")
  for (let seen = 0; child.exitCode === null && child.signalCode === null;) {
    const making = yield* claims
    // A rebuild first checks whether somebody still makes the edition that the last one left.
    if (making.length > 0 && JSON.stringify(making) !== left) seen++
    // In every other round the rebuild writes some rows first, from which the next rebuild goes on.
    if (seen === 0 || (round % 2 === 1 && (yield* written).length === 0)) continue
    if (seen <= round * looksPerRound) continue
    child.kill("SIGKILL")
    break
  }
  yield* Effect.promise(() => gone)
  const hasWritten = (yield* written).length > 0
  return { wasKilled: child.signalCode === "SIGKILL", hasWritten }
})

/** How many tables of editions apart there are. */
const partitions = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql`select 1 from pg_class where relkind = 'r' and relname ~ '_[0-9]{13}$'`
  return rows.length
})

/** Which editions there are, and how many tables. */
const there = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const editions =
    yield* sql`select edition, is_live, position, state_hash from ${sql.ours("checkpoints")}`
  return { editions, tables: yield* partitions }
})

/** Cancels a rebuild as soon as it makes its edition; answers with the editions and tables after its end. */
const cancelled = Effect.fnUntraced(function* (child: ChildProcess) {
  const sql = yield* SchemaClient
  const making = sql`select edition from ${sql.ours("checkpoints")} where not is_live`
  const gone = once(child, "exit")
  while ((yield* making).length === 0) expect(child.exitCode).toBeNull()
  child.kill("SIGINT")
  yield* Effect.promise(() => gone)
  expect(child.signalCode).toBeNull()
  expect(child.exitCode, "a rebuild that was cancelled is none").toBe(3)
  return yield* there
})

const imported = Effect.fnUntraced(function* (location: ReadonlyArray<string>) {
  const directory = mkdtempSync(join(tmpdir(), "onymous-"))
  const file = join(directory, "log.ndjson")
  writeFileSync(file, lines.join("\n"))
  const { code, stderr } = yield* Effect.promise(() => onymous(["import", file, ...location]))
  rmSync(directory, { recursive: true, force: true })
  expect(code, stderr).toBe(0)
})

describe.skipIf(!postgresUrl)("on Postgres", () => {
  it.live(
    "a rebuild that is killed again and again ends with the same state",
    () =>
      Effect.gen(function* () {
        const url = yield* TestDatabase.fresh(postgresUrl)
        const location = ["--database-url", url]
        yield* imported(location)
        const rebuild = Effect.map(
          Effect.promise(() => onymous(["rebuild", "--json", ...location])),
          ({ stdout }): unknown => JSON.parse(stdout),
        )
        const first = yield* rebuild
        expect(first).toMatchObject({ position: eventCount, published: true, same: true })
        const rounds = yield* Effect.provide(
          Effect.forEach(Array.from({ length: kills }).keys(), (round) => killed(location, round)),
          Database.layer(url),
        )
        // A rebuild may end before its kill; most must not.
        expect(rounds.filter(({ wasKilled }) => wasKilled).length).toBeGreaterThan(kills / 2)
        expect(rounds.filter(({ hasWritten }) => hasWritten).length).toBeGreaterThan(1)
        expect(yield* rebuild).toEqual(first)
        expect(yield* Effect.provide(partitions, Database.layer(url))).toBe(
          DerivedTables.names.length,
        )
        const verified = yield* Effect.promise(() => onymous(["verify", ...location]))
        expect(verified.code, verified.stderr).toBe(0)
      }),
    1_200_000,
  )

  it.live("a rebuild that is cancelled leaves nothing in the making, and what is live", () =>
    Effect.gen(function* () {
      const url = yield* TestDatabase.fresh(postgresUrl)
      const location = ["--database-url", url]
      yield* imported(location)
      const [before, after] = yield* Effect.provide(
        Effect.all([there, Effect.suspend(() => cancelled(start(location)))]),
        Database.layer(url),
      )
      expect(before).toMatchObject({
        editions: [{ is_live: true }],
        tables: DerivedTables.names.length,
      })
      expect(after).toEqual(before)
    }),
  )
})
