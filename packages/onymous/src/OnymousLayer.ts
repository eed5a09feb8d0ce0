import type { ReadModel } from "@onymous/persons/ReadModel"
import type { PgClient } from "@effect/sql-pg"
import { Effect, Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import { Database, layer as databaseLayer, layerOf as databaseOf } from "@onymous/database/Database"
import type { DatabaseError } from "@onymous/database/DatabaseError"
import * as Migrations from "@onymous/database/Migrations"
import * as Structure from "@onymous/database/structure/Structure"
import * as DatabaseSettings from "@onymous/database/DatabaseSettings"
import type { Options } from "@onymous/database/DatabaseSettings"
import type { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { EventLog } from "@onymous/log/EventLog"
import * as MemoryEventLog from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as LogStructure from "@onymous/log/sql/structure/LogStructure"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import * as DatabaseHistory from "@onymous/timetravel/history/DatabaseHistory"
import type { HistorySource } from "@onymous/timetravel/history/HistorySource"
import * as TimeTravel from "@onymous/timetravel/questions/TimeTravel"
import type { Freshness } from "@onymous/persons/reading/Freshness"
import * as OperatorActions from "@onymous/projector/OperatorActions"
import * as Projector from "@onymous/projector/Projector"
import * as MemoryPersons from "@onymous/persons/memory/MemoryPersons"
import { migrations as personsMigrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"

/** The log, the persons derived from it, and the projector that derives them. */
export type Services =
  | EventLog
  | ReadModel
  | Projector.Projector
  | Freshness
  | OperatorActions.OperatorActions
  | HistorySource
  | TimeTravel.TimeTravel

/** The seconds that a question waits for the persons. */
const followSeconds = 30

/**
 * Migrates the tables, once, before anything reads them; whoever only asks has to find them there. Refuses a log
 * without its unique indexes, as a partial restore leaves it.
 */
const migrate = ({ creates = true, migrates = true }: Options = {}) => {
  const migrated = migrates
    ? Effect.andThen(
        creates ? Effect.void : Migrations.require(logMigrations),
        Migrations.run(logMigrations, personsMigrations),
      )
    : Migrations.check(logMigrations, personsMigrations)
  return Layer.effectDiscard(
    Effect.andThen(migrated, Structure.requireUniques(LogStructure.uniquesOfEvents)),
  )
}

const log = Layer.unwrap(
  Effect.map(Database, ({ listens, appends }) => SqlEventLog.layer({ listens, appends })),
)

/** What stands on a log and the persons that are derived from it. */
const onStores = Layer.mergeAll(OperatorActions.layer, TimeTravel.layer).pipe(
  Layer.provideMerge(DatabaseHistory.layer()),
  Layer.provideMerge(Projector.freshness(followSeconds)),
  Layer.provideMerge(Projector.layer),
  Layer.provide(Actors.layer),
)

/**
 * Onymous in plain memory, gone with the process: no database, no connection, and no clock but that of the
 * fiber. The caller also runs `Projector.run`.
 */
export const layerMemory: Layer.Layer<Services> = Layer.provideMerge(
  onStores,
  Layer.mergeAll(MemoryEventLog.layerMemory, MemoryPersons.layerMemory),
)

/**
 * Onymous on a database: `postgres://…`, a directory, or `memory`. The caller also runs
 * `Projector.run`, so that persons follow the log and the death of a projector is heard.
 */
export const layer = (database: string, options?: Options): Layer.Layer<Services, DatabaseError> =>
  Layer.unwrap(
    Effect.map(
      Effect.fromResult(DatabaseSettings.read(database, options)),
      ({ location, creates }) =>
        location._tag === "Memory" && creates ? layerMemory : layerSql(database, options),
    ),
  )

/** The database and its clients, as a layer gives them. */
type Sql = Database | SchemaClient | PgClient.PgClient

const onSql = (
  database: Layer.Layer<Sql, DatabaseError>,
  options?: Options,
): Layer.Layer<Services | Sql, DatabaseError> =>
  onStores.pipe(
    Layer.provideMerge(Layer.mergeAll(log, SqlPersons.layer)),
    Layer.provide(migrate(options)),
    Layer.provideMerge(database),
  )

/** Onymous on SQL, `memory` too, together with the SQL client under it. */
export const layerSql = (
  database: string,
  options?: Options,
): Layer.Layer<Services | Sql, DatabaseError> => onSql(databaseLayer(database, options), options)

/** Onymous on the database of a client that somebody else has made; in a transaction of that client, it goes on in it. */
export const layerOf = (
  client: PgClient.PgClient,
  options?: Options,
): Layer.Layer<Services, DatabaseError> => onSql(databaseOf(client, options), options)
