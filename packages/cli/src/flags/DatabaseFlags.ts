import { existsSync } from "node:fs"
import { Config, Effect, Layer, Option } from "effect"
import { Flag } from "effect/cli"
import type { DatabaseError, Options } from "@onymous/database/Database"
import { isServer } from "@onymous/database/DatabaseLocation"
import * as Schema from "@onymous/database/Schema"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Services } from "onymous"
import { CouldNot, WrongUse } from "../CommandError.ts"

export const setting = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} (also ${variable})`),
    Flag.withFallbackConfig(Config.String(variable)),
    Flag.optional,
  )

/** The flags that name a database; a flag wins over the environment. */
export const database = {
  databaseUrl: Flag.String("database-url").pipe(
    Flag.withDescription("Postgres, as postgres://… (also ONYMOUS_DATABASE_URL)"),
    Flag.optional,
  ),
  dataDir: Flag.String("data-dir").pipe(
    Flag.withDescription("Directory of the embedded database (also ONYMOUS_DATA_DIR)"),
    Flag.optional,
  ),
  schema: setting(
    "schema",
    "ONYMOUS_SCHEMA",
    `Schema of the tables; ${Schema.byDefault} by default`,
  ),
}

/** Refuses a number out of range. */
export const within = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  Flag.filter(
    (value: number) => value >= least && value <= most,
    () => (most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`),
  )

/** The flag that names the project. */
export const project = Flag.String("project").pipe(
  Flag.withDescription("Id of the project"),
  Flag.withDefault("1"),
  Flag.map(ProjectId),
)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON"),
  Flag.withDefault(false),
)

/** The database, as the flags name it. */
export interface Location {
  readonly databaseUrl: Option.Option<string>
  readonly dataDir: Option.Option<string>
  readonly schema: Option.Option<string>
}

const environment = Config.all({
  databaseUrl: Config.option(Config.String("ONYMOUS_DATABASE_URL")),
  dataDir: Config.option(Config.String("ONYMOUS_DATA_DIR")),
})

/** The database that the flags name; by default a directory in the current one. */
export const locationOf = Effect.fnUntraced(function* (typed: Omit<Location, "schema">) {
  const isTyped = Option.isSome(typed.databaseUrl) || Option.isSome(typed.dataDir)
  if (Option.isSome(typed.databaseUrl) && Option.isSome(typed.dataDir)) {
    return yield* new WrongUse({ message: "--database-url or --data-dir: expected one of them" })
  }
  const { databaseUrl, dataDir } = isTyped ? typed : yield* Effect.orDie(environment)
  if (Option.exists(databaseUrl, (url) => !isServer(url))) {
    const message = "--database-url: expected postgres://…; --data-dir names a directory"
    return yield* new WrongUse({ message })
  }
  return Option.getOrElse(databaseUrl, () => Option.getOrElse(dataDir, () => ".onymous"))
})

/** How the database is used, or what is wrong with that. */
const optionsOf = ({ schema }: Location): Effect.Effect<Options, WrongUse> =>
  Option.exists(schema, (name) => !Schema.isName(name))
    ? new WrongUse({ message: `--schema: expected ${Schema.expected}` })
    : Effect.succeed({ schema: Option.getOrUndefined(schema) })

/** The services on a database, imported here because a question about a file does without them. */
const servicesOn = (at: string, location: Location) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const options = yield* optionsOf(location)
      const { layer } = yield* Effect.promise(() => import("onymous/OnymousLayer"))
      return layer(at, options)
    }),
  )

/** Runs an effect on the database that the flags name; creates a missing directory. */
export const onNewDatabase = <A, E>(
  location: Location,
  effect: Effect.Effect<A, E, Services>,
): Effect.Effect<A, E | DatabaseError | WrongUse> =>
  Effect.flatMap(locationOf(location), (at) => Effect.provide(effect, servicesOn(at, location)))

/** Runs an effect on an existing database. */
export const onDatabase = Effect.fnUntraced(function* <A, E>(
  location: Location,
  effect: Effect.Effect<A, E, Services>,
) {
  const at = yield* locationOf(location)
  if (!isServer(at) && at !== "memory" && !existsSync(at)) {
    const message = `There is no database in ${at}: serve or import makes one.`
    return yield* new CouldNot({ message })
  }
  return yield* Effect.provide(effect, servicesOn(at, location))
})

/** The flag that limits the number of results. */
export const limit = Flag.Int("limit").pipe(
  within(1),
  Flag.withDescription("Show so many at most"),
  Flag.withDefault(100),
)
