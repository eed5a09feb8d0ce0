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
import { identify } from "./historySupport.ts"

const migrated = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

const services = projectorLayer.pipe(
  Layer.provideMerge(Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer)),
  Layer.provide(Actors.layer),
  Layer.provide(migrated),
  Layer.provideMerge(Database.layer("memory")),
)

const project = ProjectId("verified")

const filled = Effect.gen(function* () {
  const log = yield* EventLog
  yield* log.createProject({ id: project, token: "t", keyHash: "" })
  const events = Arr.makeBy(1200, (index) => {
    const wire = identify(index + 1, `user-${index % 90}`, `device-${index % 400}`, {
      n: index % 7,
    })
    return Result.getOrThrow(EventDecoder.decode(wire, () => crypto.randomUUID()))
  })
  const { position } = yield* log.append(project, events)
  const projector = yield* Projector
  yield* projector.waitFor(project, position, 30)
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
      yield* sql
        .withTransaction(
          Effect.gen(function* () {
            yield* sql.unsafe(statement)
            const verified = yield* verify(project)
            expect(verified, what).toMatchObject({ isOk: false, position })
            expect(verified.reason, what).toContain(reason)
            expect(verified.persons.length > 0, what).toBe(what === "a person's row")
            const later = yield* verify(project, Position(1001))
            expect(later.isOk, what).toBe(position === 1000)
            return yield* Effect.fail("so that it is rolled back")
          }),
        )
        .pipe(Effect.flip)
    }
    expect(yield* verify(project)).toMatchObject({ isOk: true, persons: [] })
  }).pipe(Effect.provide(services)),
)
