import { Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import * as Projector from "../src/Projector.ts"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"

/** A projector with all that it needs in memory. */
export const inMemory = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, layerMemory)),
  Layer.provide(Actors.layer),
)

const tables = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

/** A projector on a database, with its tables made, and the database itself. */
export const projectorOn = (location: string) =>
  Projector.layer.pipe(
    Layer.provideMerge(Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer)),
    Layer.provide([Actors.layer, tables]),
    Layer.provideMerge(Database.layer(location)),
  )
