import { Duration, Effect, Option, Result } from "effect"
import { Flag } from "effect/cli"
import type { Database } from "@onymous/database/Database"
import type { SchemaClient } from "@onymous/database/sql/SchemaClient"
import {
  connectionsByDefault,
  connectionsMax,
  connectionsMin,
  statementTimeoutMax,
  statementTimeoutMin,
} from "@onymous/database/DatabaseSettings"
import type { DatabaseError } from "@onymous/database/DatabaseError"
import * as DatabaseLocation from "@onymous/database/DatabaseLocation"
import * as Schema from "@onymous/database/Schema"
import { usual } from "@onymous/database/sql/StatementLimit"
import * as ProjectId from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import type { Services } from "onymous"
import { numberOf, numberSetting, oneOf, refusal, type Setting, setting } from "./Setting.ts"

/** The flags that name a database; a flag wins over the environment. */
export const database = {
  databaseUrl: setting("database-url", "ONYMOUS_DATABASE_URL", "Postgres, as postgres://…"),
  dataDir: setting(
    "data-dir",
    "ONYMOUS_DATA_DIR",
    "Directory of the embedded database; .onymous by default",
  ),
  schema: setting(
    "schema",
    "ONYMOUS_SCHEMA",
    `Schema of the tables; ${Schema.byDefault} by default`,
  ),
  connections: numberSetting(
    "connections",
    "ONYMOUS_CONNECTIONS",
    `Connections to Postgres at most, of all kinds; ${connectionsByDefault} by default`,
  ),
  statementTimeout: numberSetting(
    "statement-timeout",
    "ONYMOUS_STATEMENT_TIMEOUT",
    `Seconds that Postgres may take for a statement; ${Duration.toSeconds(usual)} by default`,
  ),
}

/** Refuses a number out of range. */
export const within = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  Flag.filter(
    (value: number) => value >= least && value <= most,
    () => (most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`),
  )

/** The id of a project, as a flag names it. */
const projectId = Flag.String("project").pipe(
  Flag.filter(
    (text) => Result.isSuccess(ProjectId.read(text)),
    () => ProjectId.expected,
  ),
  Flag.map(ProjectId.ProjectId),
)

/** The flag that names the project. */
export const project = projectId.pipe(
  Flag.withDescription("Id of the project; the only one there is by default, else 1"),
  Flag.optional,
)

/** The project that the flag names in a database. */
export const projectIn = Effect.fnUntraced(function* (project: Option.Option<ProjectId.ProjectId>) {
  if (Option.isSome(project)) return project.value
  const [first, ...others] = yield* (yield* EventLog).projects
  return first !== undefined && others.length === 0 ? first.id : ProjectId.ProjectId("1")
})

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON"),
  Flag.withDefault(false),
)

/** The database, as flags and environment name it. */
export interface Location {
  readonly databaseUrl: Option.Option<Setting>
  readonly dataDir: Option.Option<Setting>
  readonly schema: Option.Option<Setting>
  readonly connections: Option.Option<Setting>
  readonly statementTimeout: Option.Option<Setting>
}

const byDefault: Setting = { text: ".onymous", from: "--data-dir" }

/** The location of the database that the flags name; by default a directory in the current one. */
export const locationOf = Effect.fnUntraced(function* (
  given: Pick<Location, "databaseUrl" | "dataDir">,
) {
  const url = Option.getOrUndefined(given.databaseUrl)
  const directory = Option.getOrUndefined(given.dataDir)
  const named = yield* oneOf([url, directory].filter((each) => each !== undefined))
  const holds = named ?? byDefault
  const expected = holds === url ? "postgres://…; --data-dir names a directory" : "a directory"
  const read = DatabaseLocation.read(holds.text)
  if (Result.isFailure(read)) return yield* asWrongUse(read.failure, holds, expected)
  if ((read.success._tag === "Server") !== (holds === url)) return yield* refusal(holds, expected)
  const { success: location } = read
  const path = location._tag === "Directory" ? location.path : undefined
  return { text: holds.text, place: DatabaseLocation.publicText(location), directory: path }
})

/** The refusal of a database by the name of its setting; for a whole address, it says what the flag expects. */
const asWrongUse = (error: DatabaseError, given: Setting, expected: string) => {
  const { reason } = error
  if (reason._tag !== "Refused") return error
  const isWhole =
    reason.field === "database" && reason.expected.startsWith(DatabaseLocation.expected)
  const from = reason.field.replace(/^[a-z]+/, given.from)
  return refusal({ from }, isWhole ? expected : reason.expected)
}

/** The options of the database, or a wrong use. */
const optionsOf = Effect.fnUntraced(function* ({
  schema,
  connections,
  statementTimeout,
}: Location) {
  if (Option.isSome(schema) && !Schema.isName(schema.value.text)) {
    return yield* refusal(schema.value, Schema.expected)
  }
  const count = Option.isSome(connections)
    ? yield* numberOf(connections.value, connectionsMin, connectionsMax)
    : undefined
  const seconds = Option.isSome(statementTimeout)
    ? yield* numberOf(
        statementTimeout.value,
        Duration.toSeconds(statementTimeoutMin),
        Duration.toSeconds(statementTimeoutMax),
      )
    : undefined
  return {
    schema: Option.getOrUndefined(schema)?.text,
    connections: count,
    statementTimeout: seconds && Duration.toMillis(Duration.seconds(seconds)),
  }
})

/**
 * Runs an effect with the services on a database, which are imported here because questions about a file do not need
 * them.
 */
const onServices = Effect.fnUntraced(function* <A, E>(
  location: Location,
  creates: boolean,
  effect: Effect.Effect<A, E, Services>,
) {
  const { text } = yield* locationOf(location)
  const options = yield* optionsOf(location)
  const { layer } = yield* Effect.promise(() => import("onymous/OnymousLayer"))
  return yield* Effect.provide(effect, layer(text, { ...options, creates }))
})

/** Runs an effect on the database that the flags name; creates what is missing. */
export const onNewDatabase = <A, E>(location: Location, effect: Effect.Effect<A, E, Services>) =>
  onServices(location, true, effect)

/** Runs an effect on an existing database; creates none. */
export const onDatabase = <A, E>(location: Location, effect: Effect.Effect<A, E, Services>) =>
  onServices(location, false, effect)

/** Runs an effect on an existing database; creates none, and changes no table. */
export const onDatabaseAsItIs = Effect.fnUntraced(function* <A, E>(
  location: Location,
  effect: Effect.Effect<A, E, Database | SchemaClient>,
) {
  const { text } = yield* locationOf(location)
  const options = yield* optionsOf(location)
  const { layer } = yield* Effect.promise(() => import("@onymous/database/Database"))
  return yield* Effect.provide(effect, layer(text, { ...options, creates: false }))
})

/** The flag that limits the number of results. */
export const limit = Flag.Int("limit").pipe(
  within(1),
  Flag.withDescription("Show so many at most; 100 by default"),
  Flag.withDefault(100),
)
