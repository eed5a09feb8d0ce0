import { PgClient } from "@effect/sql-pg"
import { Array as Arr, Effect } from "effect"
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect } from "vitest"
import * as Database from "@onymous/database/Database"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as PersonId from "@onymous/identity/state/PersonId"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as EventLine from "@onymous/log/file/EventLine"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"
import * as Verify from "@onymous/timetravel/history/Verify"
import * as OnymousLayer from "../src/OnymousLayer.ts"

/** What 0.1.0 said of a project. */
interface Told {
  readonly head: number
  readonly log_id: string
  readonly token: string
  readonly key_hash: string
  readonly state_hash: string
  readonly persons: number
  readonly warnings_by_type: Readonly<Record<string, number>>
  readonly ever_waiting: number
  readonly export: { readonly sha256: string }
}

interface Answered {
  readonly id: string
  readonly distinctIds: ReadonlyArray<string>
  readonly version: number
}

interface Expected {
  readonly projects: Readonly<Record<string, Told>>
  readonly answers: ReadonlyArray<{
    readonly project: string
    readonly distinct_id: string
    readonly at: number | null
    readonly person: Answered | null
  }>
}

const fixture = join(import.meta.dirname, "fixture")

const expected: Expected = JSON.parse(readFileSync(join(fixture, "v0.1.0.expected.json"), "utf8"))

/**
 * The state hashes of the same logs under later rules, which cut an id of 401 characters, and count versions, read
 * times and unset properties as PostHog's own code does.
 */
const sinceThen: Readonly<Record<string, { readonly state_hash: string }>> = {
  "1": { state_hash: "93fbe68293297ffa0f9be06585a136c1" },
  shop: { state_hash: "a2f8d1345f27f50c7550e953b8868d2d" },
}

/** The rules cut an id alike wherever it stands; the cut id founds another person than the whole id. */
const cut = (project: string, [id = ""]: ReadonlyArray<string>) => ({
  id: PersonId.of(ProjectId(project), DistinctId(id)),
  distinctIds: [DistinctId(id)],
})

/** Under `posthog` a merge gives the version after the target's: 0.1.0 counted on from the higher one. */
const versionSince = (distinctId: string, version: number): number =>
  version === 2 && (distinctId === "bob" || distinctId === "tablet") ? 1 : version

/** Fills an empty database with what 0.1.0 had left in one. */
export const fill = Effect.fnUntraced(function* (location: string) {
  const statements = gunzipSync(readFileSync(join(fixture, "v0.1.0.sql.gz"))).toString()
  yield* Effect.flatMap(PgClient.PgClient, (sql) =>
    sql.withTransaction(
      Effect.forEach(statements.split(";\n").filter(Boolean), (text) => sql.unsafe(text), {
        discard: true,
      }),
    ),
  ).pipe(Effect.provide(Database.layer(location), { local: true }))
})

const exported = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const events = yield* log.readPayloads({ project, after: zero, limit: 10_000 })
  const lines = events.map((recorded) => `${EventLine.encodeLine(recorded, project)}\n`)
  return createHash("sha256").update(lines.join("")).digest("hex")
})

/** The same facts of a project now, once its persons have caught up. */
const told = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const persons = yield* Persons
  const { position, logId } = yield* log.head(project)
  yield* (yield* Projector).waitFor(project, position, 300)
  const all = yield* log.projects
  const { token } = all.find(({ id }) => id === project) ?? {}
  const groups = yield* persons.warningGroups({ project })
  const listed = yield* persons.list({ project, limit: 10_000 })
  const waited = yield* persons.waiting({ project, limit: 10_000, withReleased: true })
  const verified = yield* Verify.verify(project)
  expect(verified).toMatchObject({ isOk: true, position, persons: [] })
  return {
    head: position,
    log_id: logId,
    token,
    key_hash: (yield* log.keyHashes(project))?.[0] ?? "",
    state_hash: (yield* persons.checkpoint(project))?.stateHash,
    persons: listed.results.length,
    warnings_by_type: Object.fromEntries(groups.map(({ type, count }) => [type, count])),
    ever_waiting: waited.length,
    export: { sha256: yield* exported(project) },
  }
})

/** Opens the database and follows its logs: Onymous gives the answers of 0.1.0 again. */
export const opened = (location: string) =>
  Effect.gen(function* () {
    yield* Effect.forkScoped((yield* Projector).run)
    for (const [id, before] of Object.entries(expected.projects)) {
      expect({ ...before, ...sinceThen[id] }).toMatchObject(yield* told(ProjectId(id)))
    }
    const persons = yield* Persons
    for (const { project, distinct_id, at, person } of expected.answers) {
      const position = at === null ? undefined : Position(at)
      const found = yield* persons.find(ProjectId(project), DistinctId(distinct_id), position)
      expect(found ?? null, `${distinct_id} at ${at}`).toEqual(
        person && {
          ...person,
          version: versionSince(distinct_id, person.version),
          ...(distinct_id.length > 200 && cut(project, person.distinctIds)),
        },
      )
    }
    expect(yield* leftOver).toEqual([])
  }).pipe(Effect.scoped, Effect.provide(OnymousLayer.layerSql(location), { local: true }))

/** Tables that no version has made since, and partitions of editions of 0.1.0. */
const leftOver = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  const rows = yield* sql<{ readonly name: string }>`
    select relname as name from pg_class
    where relname like '%\_1099511627___%' or relname = 'projector_migrations'`
  return Arr.map(rows, ({ name }) => name)
})
