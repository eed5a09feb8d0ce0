import { Effect, Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import type { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as Projector from "../src/Projector.ts"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"

/** A projector on a log and a read model. */
export const projectorWith = <E>(services: Layer.Layer<EventLog | ReadModel, E>) =>
  Projector.layer.pipe(Layer.provideMerge(services), Layer.provide(Actors.layer))

/** A projector with all that it needs in memory. */
export const inMemory = projectorWith(Layer.merge(logMemory, layerMemory))

const tables = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

const log = Layer.unwrap(
  Effect.map(Database.Database, ({ appends }) => SqlEventLog.layer({ listens: false, appends })),
)

/** A projector on a database, with its tables made, and the database itself. */
export const projectorOn = (location: string) =>
  Projector.layer.pipe(
    Layer.provideMerge(Layer.merge(log, SqlPersons.layer)),
    Layer.provide([Actors.layer, tables]),
    Layer.provideMerge(Database.layer(location)),
  )
