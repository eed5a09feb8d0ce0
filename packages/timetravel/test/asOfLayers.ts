import { Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import type { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import * as Projector from "@onymous/projector/Projector"
import * as DatabaseHistory from "../src/history/DatabaseHistory.ts"
import * as TimeTravel from "../src/questions/TimeTravel.ts"

/** Questions to a log and its persons, with a projector for which they wait. */
const asked = <E>(stored: Layer.Layer<EventLog | Layer.Success<typeof layerMemory>, E>) =>
  TimeTravel.layer.pipe(
    Layer.provideMerge(DatabaseHistory.layer()),
    Layer.provideMerge(Projector.freshness(300)),
    Layer.provide(Projector.layer),
    Layer.provide(Actors.layer),
    Layer.provideMerge(stored),
  )

/** Questions to a log and its persons in memory. */
export const inMemory = asked(Layer.merge(logMemory, layerMemory))

const migrated = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

/** One process' services on a database. */
export const onDatabase = (location: string) =>
  asked(
    Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer).pipe(
      Layer.provide(migrated),
      Layer.provide(Database.layer(location)),
    ),
  )
