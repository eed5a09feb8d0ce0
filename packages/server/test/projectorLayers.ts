import { Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import * as Projector from "@onymous/projector/Projector"

/** A projector without a server, in memory. */
export const projectorInMemory = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, personsMemory)),
  Layer.provide(Actors.layer),
)

const tables = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

/** A projector without a server, on a database with its tables. */
export const projectorOn = (location: string) =>
  Projector.layer.pipe(
    Layer.provideMerge(Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer)),
    Layer.provide([Actors.layer, tables]),
    Layer.provideMerge(Database.layer(location)),
  )
