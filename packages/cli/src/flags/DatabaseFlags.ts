import { existsSync } from "node:fs"
import { Cause, Config, Data, Effect, Option } from "effect"
import { Flag } from "effect/cli"
import type { DatabaseError } from "@onymous/database/Database"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { layer, type Services } from "onymous"

/** The command cannot do what was asked of it; its message is for the operator. */
export class CouldNot extends Data.TaggedError("CouldNot")<{ readonly message: string }> {}

/** The answer is no: a verification that differs, lines that were refused. */
export class SaysNo extends Data.TaggedError("SaysNo")<{ readonly message: string }> {}

/** The arguments do not fit together. */
export class WrongUse extends Data.TaggedError("WrongUse")<{ readonly message: string }> {}

/** What a failure says to the operator. */
export const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

const setting = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} (also ${variable})`),
    Flag.withFallbackConfig(Config.String(variable)),
    Flag.optional,
  )

/** Where the database is: what is typed counts before what the environment says. */
export const database = {
  databaseUrl: Flag.String("database-url").pipe(
    Flag.withDescription("Postgres, as postgres://… (also ONYMOUS_DATABASE_URL)"),
    Flag.optional,
  ),
  dataDir: Flag.String("data-dir").pipe(
    Flag.withDescription("Directory of the embedded database (also ONYMOUS_DATA_DIR)"),
    Flag.optional,
  ),
}

/** Refuses a number that is out of range. */
export const within = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  Flag.filter(
    (value: number) => value >= least && value <= most,
    () => (most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `${least} to ${most}`),
  )

/** Settings of the server. */
export const server = {
  port: Flag.Int("port").pipe(
    within(0, 65_535),
    Flag.withDescription("Port to listen on; 0 for any free one (also ONYMOUS_PORT)"),
    Flag.withFallbackConfig(Config.Int("ONYMOUS_PORT")),
    Flag.withDefault(8000),
  ),
  host: setting("host", "ONYMOUS_HOST", "Address to listen on; only this machine by default"),
  token: setting("token", "ONYMOUS_TOKEN", "Public token of project 1, for capture"),
  key: setting("key", "ONYMOUS_KEY", "Secret key of project 1, for the API"),
  operatorKey: setting(
    "operator-key",
    "ONYMOUS_OPERATOR_KEY",
    "Secret key that opens the API of every project; none by default",
  ),
}

/** Which project is asked. */
export const project = Flag.String("project").pipe(
  Flag.withDescription("Id of the project"),
  Flag.withDefault("1"),
  Flag.map(ProjectId),
)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("Print JSON"),
  Flag.withDefault(false),
)

interface Location {
  readonly databaseUrl: Option.Option<string>
  readonly dataDir: Option.Option<string>
}

const isServer = (location: string): boolean => /^postgres(ql)?:\/\//.test(location)

const environment = Config.all({
  databaseUrl: Config.option(Config.String("ONYMOUS_DATABASE_URL")),
  dataDir: Config.option(Config.String("ONYMOUS_DATA_DIR")),
})

/** The database that is named; a directory in the current one by default. */
export const locationOf = Effect.fnUntraced(function* (typed: Location) {
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

/** Runs an effect on the database that the flags name; one in a directory is made where there is none. */
export const onNewDatabase = <A, E>(
  location: Location,
  effect: Effect.Effect<A, E, Services>,
): Effect.Effect<A, E | DatabaseError | WrongUse> =>
  Effect.flatMap(locationOf(location), (at) => Effect.provide(effect, layer(at)))

/** Runs an effect on a database that is there already. */
export const onDatabase = Effect.fnUntraced(function* <A, E>(
  location: Location,
  effect: Effect.Effect<A, E, Services>,
) {
  const at = yield* locationOf(location)
  if (!isServer(at) && at !== "memory" && !existsSync(at)) {
    const message = `There is no database in ${at}: serve or import makes one.`
    return yield* new CouldNot({ message })
  }
  return yield* Effect.provide(effect, layer(at))
})

/** How many are shown. */
export const limit = Flag.Int("limit").pipe(
  within(1),
  Flag.withDescription("Show so many at most"),
  Flag.withDefault(100),
)
