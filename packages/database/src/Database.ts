import type { PGlite } from "@electric-sql/pglite"
import { PgClient } from "@effect/sql-pg"
import { Context, Duration, Effect, Layer, Result } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { DatabaseError, refused } from "./DatabaseError.ts"
import * as DatabaseLocation from "./DatabaseLocation.ts"
import * as DataDirectory from "./pglite/DataDirectory.ts"
import * as DirectoryLock from "./pglite/DirectoryLock.ts"
import { EmbeddedPostgres } from "./pglite/EmbeddedPostgres.ts"
import * as PgliteUpkeep from "./pglite/PgliteUpkeep.ts"
import { PgliteSocket } from "./pglite/PgliteSocket.ts"
import type { ServerUrl } from "./server/ServerUrl.ts"
import { types } from "./sql/PgCodecs.ts"
import * as PgSessions from "./sql/PgSessions.ts"
import * as StatementLimit from "./sql/StatementLimit.ts"
import * as Schema from "./Schema.ts"
import * as SchemaClient from "./sql/SchemaClient.ts"

/** What kind of database SQL runs on. */
export class Database extends Context.Service<
  Database,
  {
    readonly kind: "postgres" | "pglite"
    /** Where it is, without user and password. */
    readonly place: string
    /** True where LISTEN delivers; PGlite's one connection would be lost to it. */
    readonly listens: boolean
    /** The connections for statements whose plan is the same whatever their values: appends. */
    readonly appends: SchemaClient.Sql
  }
>()("@onymous/database/Database") {}

type Services = Database | SqlClient.SqlClient | PgClient.PgClient | SchemaClient.SchemaClient

/** How a database is used. */
export interface Options {
  /** The schema in which all that is ours lies. Default `onymous`. */
  readonly schema?: string | undefined
  /** False for whoever only asks: then a database that is not there is refused. Default true. */
  readonly creates?: boolean | undefined
}

/** How many connections a process opens to Postgres: few appends at a time, since each has many events. */
const connectionsMax = { asked: 10, appending: 4 }

const connectTimeout = Duration.seconds(10)

/** A connection on which nothing comes for so long is probed, so that one that is dead is found out. */
const keepAlive = Duration.seconds(10)

/** A session whose client has vanished inside a transaction would hold the head of a project's log. */
const abandonedAfter = Duration.seconds(60)

/**
 * A plan that was made while the tables were empty would be kept when they are full, and scan them:
 * every statement is planned for its own values. They are few and large, so that costs little.
 */
const settings = { plan_cache_mode: "force_custom_plan", random_page_cost: "1.1", jit: "off" }

/** A server ends what takes longer; the embedded database is alone with its one session. */
const limits = {
  statement_timeout: `${Duration.toMillis(StatementLimit.usual)}`,
  idle_in_transaction_session_timeout: `${Duration.toMillis(abandonedAfter)}`,
}

/**
 * An append looks nothing up but its project's head, and its plan is the same whatever the tables hold, if
 * it scans none of them. Planned for its own values, these would be copied into each plan: up to a fifth of its time.
 */
const appendSettings = {
  ...settings,
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
}

/** What is given to open a database, once all of it is understood. */
interface Settings {
  readonly location: DatabaseLocation.DatabaseLocation
  readonly schema: string
  readonly creates: boolean
}

/** Reads how a database is used, before anything is opened. */
export const settingsOf = (
  given: unknown,
  { schema = Schema.byDefault, creates = true }: Options = {},
): Result.Result<Settings, DatabaseError> =>
  Result.gen(function* () {
    const location = yield* DatabaseLocation.read(given)
    if (!Schema.isName(schema)) return yield* Result.fail(refused("schema", Schema.expected))
    return { location, schema, creates }
  })

/** `postgres://…` is a server, `memory` is gone with the process, all else is a directory. */
export const layer = (given: string, options?: Options): Layer.Layer<Services, DatabaseError> =>
  Layer.unwrap(
    Effect.map(Effect.fromResult(settingsOf(given, options)), (settings) =>
      settings.location._tag === "Server"
        ? postgres(settings.location.server, settings)
        : pglite(
            settings.location._tag === "Memory" ? undefined : settings.location.path,
            settings,
          ),
    ),
  )

const postgres = (
  server: ServerUrl,
  { location, schema }: Settings,
): Layer.Layer<Services, DatabaseError> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const { url, ssl } = server
      const shared = {
        url,
        ssl,
        connectTimeout,
        keepAlive,
        applicationName: "onymous",
        types,
        isLimited: true,
      }
      const client = yield* PgSessions.make({
        ...shared,
        maxConnections: connectionsMax.asked,
        startupParameters: { ...settings, ...limits },
      })
      yield* client`select 1`
      const appends = yield* PgSessions.make({
        ...shared,
        maxConnections: connectionsMax.appending,
        startupParameters: { ...appendSettings, ...limits },
      })
      return services(SchemaClient.of(client, schema), {
        kind: "postgres",
        place: DatabaseLocation.told(location),
        listens: true,
        appends: SchemaClient.of(appends, schema),
      })
    }).pipe(
      Effect.mapError(
        (cause) =>
          new DatabaseError({ reason: { _tag: "Unreachable", server: server.address, cause } }),
      ),
    ),
  ).pipe(Layer.provide(Reactivity.layer))

const services = (client: SchemaClient.Sql, database: Database["Service"]) =>
  Context.make(PgClient.PgClient, client).pipe(
    Context.add(SqlClient.SqlClient, client),
    Context.add(SchemaClient.SchemaClient, client),
    Context.add(Database, database),
  )

/** Loaded on demand, because a process with a Postgres server never needs PGlite. */
const open = async (data: string | undefined, hear: (line: string) => void): Promise<PGlite> => {
  const { PGlite } = await import("@electric-sql/pglite")
  const tuned = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const defaults = PGlite.defaultStartParams
  if (data === undefined) return PGlite.create({ startParams: [...defaults, ...tuned] })
  const durable = ["-c", "fsync=on", "-c", "wal_sync_method=fsync"]
  const { PgliteFiles } = await import("./pglite/PgliteFiles.ts")
  const synced = defaults.filter((parameter) => parameter !== "-F")
  return PGlite.create({
    fs: new PgliteFiles(data, hear),
    startParams: [...synced, ...durable, ...tuned],
  })
}

const unusable = (location: string, cause: unknown) =>
  new DatabaseError({ reason: { _tag: "Unusable", location, cause } })

const absent = (location: string) => new DatabaseError({ reason: { _tag: "Absent", location } })

const claimDirectory = Effect.fnUntraced(function* (directory: string, creates: boolean) {
  if (!creates && !DataDirectory.isMade(directory)) return yield* absent(directory)
  yield* Effect.try({
    try: () => DataDirectory.make(directory),
    catch: (cause) => unusable(directory, cause),
  })
  yield* Effect.mapError(
    DirectoryLock.hold(directory),
    ({ pid }) => new DatabaseError({ reason: { _tag: "InUse", directory, pid } }),
  )
  const fault = DataDirectory.isMade(directory) ? DataDirectory.faultOf(directory) : undefined
  if (fault !== undefined) return yield* unusable(directory, new Error(fault))
})

/** What PGlite says of files that it cannot use is about itself: what Postgres said before tells more. */
const openIn = (directory: string | undefined) => {
  const said: Array<string> = []
  return Effect.tryPromise({
    try: () => {
      const data = directory && DataDirectory.dataOf(directory)
      return EmbeddedPostgres.open(() => open(data, (line) => void said.push(line)), directory)
    },
    catch: (cause) => {
      const words = DataDirectory.lastWordsOf(said)
      return unusable(directory ?? "memory", words === undefined ? cause : new Error(words))
    },
  })
}

const pglite = (
  directory: string | undefined,
  { schema, creates }: Settings,
): Layer.Layer<Services, DatabaseError> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const place = directory ?? "memory"
      if (directory !== undefined) yield* claimDirectory(directory, creates)
      else if (!creates) return yield* absent(place)
      const database = yield* Effect.acquireRelease(openIn(directory), (opened) =>
        Effect.promise(() => opened.close()),
      )
      const client = yield* PgSessions.make({
        isLimited: false,
        stream: () => new PgliteSocket(database),
        username: "postgres",
        database: "postgres",
        maxConnections: 1,
        types,
      }).pipe(Effect.mapError((cause) => unusable(place, cause)))
      yield* Effect.forkScoped(PgliteUpkeep.run(client))
      const appends = SchemaClient.of(client, schema)
      return services(appends, { kind: "pglite", place, listens: false, appends })
    }),
  ).pipe(Layer.provide(Reactivity.layer))
