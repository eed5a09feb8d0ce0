import { Effect, Layer } from "effect"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import { migrations } from "../src/sql/LogMigrations.ts"
import * as SqlEventLog from "../src/sql/SqlEventLog.ts"

const tables = Layer.effectDiscard(Migrations.run(migrations))

/** The log on a database, with its tables made, and the database itself. */
export const logOn = (location: string) =>
  Layer.unwrap(
    Effect.map(Database.Database, ({ listens, appends }) =>
      SqlEventLog.layer({ listens, appends }),
    ),
  ).pipe(Layer.provide(tables), Layer.provideMerge(Database.layer(location)))
