import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer } from "effect"
import * as Actor from "@onymous/actor/Actor"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, layerMemory as logMemory } from "@onymous/log/EventLog"
import { migrations as logMigrations } from "@onymous/log/LogMigrations"
import * as SqlEventLog from "@onymous/log/SqlEventLog"
import { layerMemory } from "../src/MemoryPersons.ts"
import { fromChanges } from "../src/PageRows.ts"
import { Persons } from "../src/Persons.ts"
import * as Projector from "../src/Projector.ts"
import { migrations } from "../src/ProjectorMigrations.ts"
import * as SqlPersons from "../src/SqlPersons.ts"
import { suite } from "./Projector.contract.ts"
import { wantedBy } from "./randomEvents.ts"

const memory = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, layerMemory)),
  Layer.provide(Actor.layer),
)

const tables = Layer.effectDiscard(
  Effect.andThen(
    Migrations.run(logMigrations, "log_migrations"),
    Migrations.run(migrations, "projector_migrations"),
  ),
)

const pglite = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer)),
  Layer.provide([Actor.layer, tables]),
  Layer.provide(Database.layer("memory")),
)

suite("memory", memory)
suite("PGlite", pglite)

it.live("a checkpoint that counts in another log is refused in words, and the end is heard", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const projector = yield* Projector.Projector
    const project = ProjectId("moved")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const other = yield* persons.claim(project, "22222222-2222-4222-8222-222222222222")
    const slice = yield* persons.load(other, wantedBy([], []))
    yield* persons.commit({
      from: other,
      to: { ...other, position: Position(7) },
      rows: fromChanges(slice, []),
    })
    yield* projector.wake(project)
    const exit = yield* Effect.exit(projector.run)
    expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("derived from another log")
  }).pipe(Effect.provide(memory)),
)
