import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import * as Identity from "@onymous/identity/Identity"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { version } from "@onymous/persons/DerivationVersion"
import * as DerivedTables from "@onymous/persons/rows/DerivedTables"
import type { Table } from "@onymous/persons/rows/RowChanges"
import * as EditionTables from "@onymous/persons/sql/editions/EditionTables"
import * as EditionId from "@onymous/persons/migrations/EditionId"
import { fromChanges } from "@onymous/persons/rows/RowBuilder"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import { rebuild } from "../src/rebuild/Rebuild.ts"
import * as Partitions from "@onymous/persons/sql/editions/Partitions"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import { logId, madeApart, partitionsOf } from "./apart.ts"
import { projectorOn } from "./personsLayers.ts"
import { recorded, simpleEvents, wantedBy } from "@onymous/simulator/random/FewIds"

const onDatabase = <A, E>(effect: Effect.Effect<A, E, SchemaClient | Database.Database>) =>
  Effect.provide(effect, Database.layer("memory"))

/** Commits the first events, as if they reached as far as a position. */
const commit = Effect.fnUntraced(function* (from: Checkpoint, position: Position) {
  const store = yield* PersonStore
  const page = recorded(simpleEvents(3, 40))
  const slice = yield* store.load(from, wantedBy(page, []))
  const rows = WorkInTurns.atOnce(fromChanges(slice, Identity.fold(slice.identity, page)))
  const to = { ...from, position }
  yield* store.commit({ from, to, rows })
  return to
})

const rowsOf = Effect.fnUntraced(function* (edition: string) {
  const sql = yield* SchemaClient
  const counts = yield* Effect.forEach(
    DerivedTables.names,
    (table) =>
      sql<{ readonly count: number }>`
      select count(*)::int as count from ${sql.ours(table)} where edition = ${edition}`,
  )
  return counts.flat().reduce((sum, { count }) => sum + count, 0)
})

it.live(
  "what a rebuild has replaced is freed at once where it is large, among many where it is small",
  () =>
    onDatabase(
      Effect.gen(function* () {
        yield* Migrations.run(migrations)
        const store = yield* PersonStore
        const editions = yield* Editions
        const replaced = Effect.fnUntraced(function* (name: string, position: Position) {
          const live = yield* commit(yield* store.claim(ProjectId(name), logId), position)
          const made = yield* editions.seal(yield* editions.claim(live.project, logId))
          expect(yield* editions.publish(made, live)).toBe("published")
          yield* editions.sweep
          return live.edition
        })
        const small = yield* replaced("small", Position(40))
        expect(yield* rowsOf(small)).toBeGreaterThan(0)
        const large = yield* replaced("large", Position(20_000))
        expect(yield* rowsOf(large)).toBe(0)
        expect(yield* rowsOf(small), "and the others with it").toBe(0)
      }).pipe(Effect.provide(SqlPersons.layer)),
    ),
)

it.live("what other rules have made, however far it is, is made anew", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const persons = yield* Persons
    const editions = yield* Editions
    const log = yield* EventLog
    const project = ProjectId("older rules")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const events = simpleEvents(3, 40)
    if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
    const { logId } = yield* log.head(project)
    const made = yield* editions.seal(yield* editions.claim(project, logId))
    yield* sql`update ${sql.ours("checkpoints")} set derivation_version = 0 where edition = ${made.edition}`
    yield* rebuild(project, { skipsHeartbeat: true })
    const live = yield* persons.checkpoint(project)
    expect(live).toMatchObject({ position: 40, version })
    expect(live?.edition).not.toBe(made.edition)
  }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live("rows that somebody has changed differ, though the stored hash is still the same", () =>
  Effect.gen(function* () {
    const sql = yield* SchemaClient
    const log = yield* EventLog
    const project = ProjectId("tampered")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const events = simpleEvents(3, 40)
    if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
    const compared = Effect.map(rebuild(project), ({ comparison }) => comparison)
    yield* compared
    expect(yield* compared).toEqual({ position: 40, isSame: true, persons: [] })
    const changed = yield* sql<{ readonly person_id: string }>`
      update ${sql.ours("persons")} set properties = '{"plan":"another"}' where (edition, person_id) = (
        select edition, person_id from ${sql.ours("persons")} where to_position is null and edition = (
          select edition from ${sql.ours("checkpoints")} where project_id = ${project}) limit 1)
        and to_position is null returning person_id`
    const persons = changed.map(({ person_id }) => person_id)
    expect(yield* compared).toEqual({ position: 40, isSame: false, persons })
    expect(yield* compared, "a rebuild mends it").toMatchObject({ isSame: true })
    yield* sql`delete from ${sql.ours("memberships")} where to_position is null and edition = (
      select edition from ${sql.ours("checkpoints")} where project_id = ${project})`
    expect((yield* compared).persons.length).toBeGreaterThan(0)
    yield* sql`update ${sql.ours("memberships")} set component = gen_random_uuid() where to_position is null and edition = (
      select edition from ${sql.ours("checkpoints")} where project_id = ${project})`
    expect(yield* compared, "an id in another component").toMatchObject({ isSame: false })
  }).pipe(Effect.provide(projectorOn("memory"))),
)

const publishFirst = Effect.fnUntraced(function* (name: string) {
  const made = yield* madeApart(name)
  expect(yield* (yield* Editions).publish(made, undefined)).toBe("published")
  return made.edition
})

it.live("partitions are dropped together, and one by one where some are gone already", () =>
  onDatabase(
    Effect.gen(function* () {
      yield* Migrations.run(migrations)
      const sql = yield* SchemaClient
      const editions = yield* Editions
      for (const isPartlyGone of [false, true]) {
        const made = yield* madeApart("dropped")
        expect(yield* partitionsOf(made.edition)).toBe(DerivedTables.names.length)
        if (isPartlyGone)
          yield* sql`drop table ${sql.ours(EditionId.partitionOf("links", made.edition))}`
        expect(yield* editions.discard(made)).toBe(true)
        yield* editions.sweep
        expect(yield* partitionsOf(made.edition)).toBe(0)
      }
    }).pipe(Effect.provide(SqlPersons.layer)),
  ),
)

it.live("rows that somebody has changed differ in editions apart, too", () =>
  onDatabase(
    Effect.gen(function* () {
      yield* Migrations.run(migrations)
      const sql = yield* SchemaClient
      const live = yield* publishFirst("tampered apart")
      const made = yield* madeApart("tampered apart")
      const comparison = Effect.flatMap(Editions, (editions) => editions.compare(made))
      expect(yield* comparison).toEqual({ position: 40, isSame: true, persons: [] })
      const tampered = Effect.fnUntraced(function* (table: Table, set: string) {
        const rows = sql.ours(EditionId.partitionOf(table, live))
        yield* sql`create table kept as select * from ${rows}`
        yield* sql`update ${rows} set ${sql.literal(set)} where to_position is null`
        const found = yield* comparison
        yield* sql`truncate ${rows}`
        yield* sql`insert into ${rows} select * from kept`
        yield* sql`drop table kept`
        return found
      })
      const plan = yield* tampered("persons", `properties = '{"plan":"another"}'`)
      expect(plan.persons.length).toBeGreaterThan(0)
      for (const [table, set] of [
        ["memberships", "component = gen_random_uuid()"],
        ["memberships", "to_position = 40"],
        ["components", "person_id = gen_random_uuid()"],
      ] as const) {
        expect(yield* tampered(table, set), `${table} ${set}`).toMatchObject({ isSame: false })
        expect(yield* comparison).toMatchObject({ isSame: true })
      }
    }).pipe(Effect.provide(SqlPersons.layer)),
  ),
)

it.live("what nobody has gone on with for a day is freed", () =>
  onDatabase(
    Effect.gen(function* () {
      yield* Migrations.run(migrations)
      const sql = yield* SchemaClient
      const editions = yield* Editions
      const leave = Effect.fnUntraced(function* (name: string, time: string) {
        const made = yield* editions.claim(ProjectId(name), logId)
        yield* sql`update ${sql.ours("edition_beats")} set beaten_at = now() - ${time}::text::interval
          where edition = ${made.edition}`
      })
      yield* leave("left", "25 hours")
      yield* leave("on its way", "23 hours")
      yield* editions.sweep
      expect(yield* editions.making(ProjectId("left"))).toBeUndefined()
      expect(yield* editions.making(ProjectId("on its way"))).toBeDefined()
    }).pipe(Effect.provide(SqlPersons.layer)),
  ),
)

it.live(
  "one that was killed while its rest was written is gone on with, whatever has its indexes by then",
  () =>
    Effect.gen(function* () {
      const persons = yield* Persons
      const store = yield* PersonStore
      const editions = yield* Editions
      const log = yield* EventLog
      const project = ProjectId("killed at its end")
      yield* log.createProject({ id: project, token: "t", keyHash: "" })
      const events = simpleEvents(3, 60)
      if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
      yield* rebuild(project)
      const rows = yield* editions.dump(project)
      const { logId: own } = yield* log.head(project)
      const claimed = yield* editions.claim(project, own, { isLong: true })
      const whole = new ProjectInMemory({ ...claimed, position: zero })
      whole.fold(yield* log.read({ project, after: zero, limit: 40 }), undefined)
      yield* store.commit(whole.takeEnded())
      yield* Partitions.attachAll(claimed.edition, EditionTables.decidedTables)
      const outcome = yield* rebuild(project, { skipsHeartbeat: true })
      expect(outcome).toMatchObject({
        isPublished: true,
        comparison: { isSame: true },
      })
      expect((yield* persons.checkpoint(project))?.edition).toBe(claimed.edition)
      expect(yield* editions.dump(project)).toBe(rows)
    }).pipe(Effect.provide(projectorOn("memory"))),
)
