import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { Projector, layer as projectorLayer } from "@onymous/projector/Projector"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import { verify } from "../src/history/Verify.ts"
import { inMemory, onDatabase } from "./asOfLayers.ts"
import { suite } from "./Verify.contract.ts"
import { identify } from "./historySupport.ts"

const migrated = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

const services = projectorLayer.pipe(
  Layer.provideMerge(Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer)),
  Layer.provide(Actors.layer),
  Layer.provide(migrated),
  Layer.provideMerge(Database.layer("memory")),
)

suite("memory", inMemory, Arr.range(1, 10))
suite("PGlite", onDatabase("memory"), [11, 12])

const project = ProjectId("verified")

const eventAt = (index: number) => {
  const ids = [`user-${index % 90}`, `device-${index % 400}`] as const
  const wire = identify(index + 1, ...ids, { n: index % 7 })
  return Result.getOrThrow(EventDecoder.decode(wire, () => crypto.randomUUID()))
}

/** Two commits, of 1,000 events and of 200. */
const filled = Effect.gen(function* () {
  const log = yield* EventLog
  yield* log.createProject({ id: project, token: "t", keyHash: "" })
  yield* log.append(project, Arr.makeBy(1000, eventAt))
  const { position } = yield* log.append(
    project,
    Arr.makeBy(200, (index) => eventAt(1000 + index)),
  )
  const projector = yield* Projector
  yield* projector.waitFor(project, position, 300)
})

const tampered = [
  ["a person's row", "update onymous.persons set is_identified = false", 1200, "rows"],
  [
    "a lost warning",
    "delete from onymous.warnings where position = (select max(position) from onymous.warnings)",
    1200,
    "rows",
  ],
  [
    "the checkpoint's hash",
    "update onymous.checkpoints set state_hash = repeat('0', 32)",
    1200,
    "checkpoint",
  ],
  [
    "events that the head counts",
    "delete from onymous.events where position between 1101 and 1150",
    1101,
    "events: the event is missing",
  ],
  [
    "the end of the log",
    "delete from onymous.events where position > 1100",
    1101,
    "events: the event is missing",
  ],
  [
    "the end of the log, and its head",
    "with gone as (delete from onymous.events where position > 1100) update onymous.projects set position = 1100",
    1001,
    "events: the events from 1001 to 1100 are not what was sealed",
  ],
  [
    "the end of a log that was restored as a whole",
    `with gone as (delete from onymous.events where position > 1000)
      update onymous.projects set position = 1000, seal = (select seal from onymous.events where position = 1000),
      recorded_at = (select recorded_at from onymous.events where position = 1000)`,
    1000,
    "the log ends there",
  ],
  [
    "a hash along the way",
    "update onymous.state_hashes set state_hash = repeat('0', 32)",
    1000,
    "stored",
  ],
] as const

it.live("what is there is what the log comes to, until somebody tampers with it", () =>
  Effect.gen(function* () {
    yield* filled
    const sql = yield* SqlClient.SqlClient
    expect(yield* verify(project)).toMatchObject({ isOk: true, position: 1200 })
    for (const [what, statement, position, reason] of tampered) {
      const undone = yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* sql.unsafe(statement)
            const verified = yield* verify(project)
            expect(verified, what).toMatchObject({ isOk: false, position })
            expect(verified.reason, what).toContain(reason)
            const named = ["a person's row", "the end of a log that was restored as a whole"]
            expect(verified.persons.length > 0, what).toBe(named.includes(what))
            const later = yield* verify(project, Position(1001))
            expect(later.isOk, what).toBe(what === "a hash along the way")
            return yield* Effect.fail("rolled back")
          }),
        )
        .pipe(Effect.flip)
      expect(undone, what).toBe("rolled back")
    }
    expect(yield* verify(project)).toMatchObject({ isOk: true, persons: [] })
  }).pipe(Effect.provide(services)),
)
