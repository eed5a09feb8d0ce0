import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import * as DerivedTables from "@onymous/persons/rows/DerivedTables"
import { randomEvents } from "@onymous/simulator/random/FewIds"
import { Projector } from "../src/Projector.ts"
import { projectorOn } from "./personsLayers.ts"

const project = ProjectId("edited")

/** Type of a column → an expression that differs from the stored value. */
const changed: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `coalesce(${column}, '') || 'x'`,
  bigint: (column) => `coalesce(${column}, 0) + 1000003`,
  integer: (column) => `coalesce(${column}, 0) + 1`,
  boolean: (column) => `not ${column}`,
  uuid: () => "gen_random_uuid()",
  "timestamp with time zone": (column) => `coalesce(${column}, 'epoch') + interval '1 microsecond'`,
  json: (column) => `(${column}::text || ' ')::json`,
}

/** Why an edit of these does no harm, or shows elsewhere; a verification finds an edit of anything else. */
const leftOut: Readonly<Record<string, string>> = {
  "checkpoints.epoch":
    "any number gives the right to commit: the owner finds itself fenced, and claims the next",
  edition_beats: "only tells another rebuild to wait or to go on, and each is compared in the end",
  retired_editions: "says what is to be freed, and never what a checkpoint names (below)",
  log_migrations: "a step that is not known is refused at the next start",
  persons_migrations: "a step that is not known is refused at the next start",
  project_keys: "whom the doors let in is the owner's, and nothing is derived from it",
  event_inbox: "is the log's, as its own contract holds",
  projects: "is the log's, as its own contract holds",
  events: "is the log's, as its own contract holds",
}

const columnsOf = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SchemaClient
  return yield* sql<{ readonly name: string; readonly type: string }>`
    select column_name as name, data_type as type from information_schema.columns
    where table_schema = ${sql.schema} and table_name = ${table}`
})

/** All tables that are no partitions of others. */
const tablesOf = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly name: string }>`
    select relname::text as name from pg_class
    where relnamespace = ${sql.schema}::text::regnamespace and relkind in ('r', 'p') and not relispartition`
  return rows.map(({ name }) => name).toSorted()
})

const storedOf = (sql: Sql, table: string): string =>
  sql.nameOf(table === "checkpoints" ? table : `${table}_shared`)

/** Edits a column of the row in the middle of the live edition. */
const edit = Effect.fnUntraced(function* (
  table: string,
  { name, type }: { readonly name: string; readonly type: string },
) {
  const sql = yield* SchemaClient
  // A verification compares the rules of a checkpoint as values, and ignores white space.
  const isRules = table === "checkpoints" && name === "policy"
  const value = isRules
    ? `regexp_replace(${name}::text, 'true', 'false')::json`
    : changed[type]?.(name)
  if (value === undefined) throw new Error(`How is a ${type} edited?`)
  const stored = storedOf(sql, table)
  const live = `edition = (select edition from ${sql.nameOf("checkpoints")} where is_live)`
  const rows = yield* sql.unsafe(`update ${stored} set ${name} = ${value} where ctid = (
    select ctid from ${stored} where ${live} order by ctid limit 1
    offset (select count(*) / 2 from ${stored} where ${live})
  ) returning 1`)
  expect(rows.length, `${table} has a row`).toBe(1)
})

/** Edits each column in turn, and restores the rows after each edit. */
const editEach = Effect.fnUntraced(function* (table: string) {
  const sql = yield* SchemaClient
  const projector = yield* Projector
  const stored = storedOf(sql, table)
  yield* sql.unsafe(`create table kept as select * from ${stored}`)
  for (const column of yield* columnsOf(table)) {
    const what = `${table}.${column.name}`
    if (leftOut[what] !== undefined) continue
    yield* edit(table, column)
    const { isOk, reason } = yield* projector.verify(project)
    expect({ what, isOk }).toEqual({ what, isOk: false })
    // A checkpoint that names another edition has other rows in every table, first in that of persons.
    expect(reason, what).toContain(what === "checkpoints.edition" ? "persons" : table)
    yield* sql.unsafe(`delete from ${stored}`)
    yield* sql.unsafe(`insert into ${stored} select * from kept`)
  }
  yield* sql`drop table kept`
})

it.live("what is wrong with the log itself is told in its own words", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const log = yield* EventLog
    const projector = yield* Projector
    yield* log.createProject({ id: project, token: "edited", keyHash: "" })
    const events = randomEvents(7, 50)
    if (!Arr.isReadonlyArrayNonEmpty(events)) throw new Error("There are events.")
    const { position } = yield* log.append(project, events)
    yield* projector.waitFor(project, position, 300)
    yield* sql`update ${sql.ours("events")} set kind = 'later' where position = 20`
    const reason = "events: the event is not what was appended"
    expect(yield* projector.verify(project)).toMatchObject({ isOk: false, position: 20, reason })
  }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live("what is live is not freed, whatever says that it is retired", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const log = yield* EventLog
    const projector = yield* Projector
    const editions = yield* Editions
    yield* log.createProject({ id: project, token: "edited", keyHash: "" })
    const events = randomEvents(7, 50)
    if (!Arr.isReadonlyArrayNonEmpty(events)) throw new Error("There are events.")
    const { position } = yield* log.append(project, events)
    yield* projector.waitFor(project, position, 300)
    yield* sql`insert into ${sql.ours("retired_editions")} (edition, events)
      select edition, 1000000 from ${sql.ours("checkpoints")} where is_live`
    yield* editions.sweep
    expect(yield* projector.verify(project)).toMatchObject({ isOk: true, position })
  }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live(
  "one edit in each column of each derived table is found, and its table named",
  () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const projector = yield* Projector
      yield* log.createProject({ id: project, token: "edited", keyHash: "" })
      const events = randomEvents(7, 2000)
      if (!Arr.isReadonlyArrayNonEmpty(events)) throw new Error("There are events.")
      const { position } = yield* log.append(project, events)
      yield* projector.waitFor(project, position, 300)
      expect(yield* projector.verify(project)).toMatchObject({ isOk: true, position })
      const edited = [...DerivedTables.names, "checkpoints"]
      for (const table of edited) yield* editEach(table)
      expect((yield* tablesOf).filter((table) => leftOut[table] === undefined)).toEqual(
        edited.toSorted(),
      )
      expect(yield* projector.verify(project)).toMatchObject({ isOk: true, position })
    }).pipe(Effect.provide(projectorOn("memory"))),
  600_000,
)
