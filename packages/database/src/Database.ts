import type { PGlite } from "@electric-sql/pglite"
import { PgClient } from "@effect/sql-pg"
import { Context, Effect, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { DatabaseError } from "./DatabaseError.ts"
import * as DatabaseSettings from "./DatabaseSettings.ts"
import * as DataDirectory from "./pglite/DataDirectory.ts"
import * as DirectoryLock from "./pglite/DirectoryLock.ts"
import { EmbeddedPostgres } from "./pglite/EmbeddedPostgres.ts"
import * as PgliteFiles from "./pglite/PgliteFiles.ts"
import * as PgliteModules from "./pglite/PgliteModules.ts"
import * as PgliteUpkeep from "./pglite/PgliteUpkeep.ts"
import { PgliteSocket } from "./pglite/PgliteSocket.ts"
import * as HostServer from "./server/HostServer.ts"
import * as PostgresServer from "./server/PostgresServer.ts"
import * as HostTransactions from "./sql/HostTransactions.ts"
import { types } from "./sql/PgCodecs.ts"
import * as PgSessions from "./sql/PgSessions.ts"
import * as SchemaClient from "./sql/SchemaClient.ts"

/** The database on which SQL runs. */
export class Database extends Context.Service<
  Database,
  {
    readonly kind: "postgres" | "pglite"
    /** Its location, without user and password. */
    readonly place: string
    /** True where LISTEN delivers; on PGlite it would take the only connection. */
    readonly listens: boolean
    /** The connections for appends, whose plans do not depend on values. */
    readonly appends: SchemaClient.Sql
  }
>()("@onymous/database/Database") {}

type Services = Database | SqlClient.SqlClient | PgClient.PgClient | SchemaClient.SchemaClient

/** Opens a database: `postgres://…` is a server, `memory` ends with the process, any other text is a directory. */
export const layer = (
  given: string,
  options?: DatabaseSettings.Options,
): Layer.Layer<Services, DatabaseError> =>
  Layer.unwrap(
    Effect.map(Effect.fromResult(DatabaseSettings.read(given, options)), (settings) =>
      settings.location._tag === "Server"
        ? postgres(PostgresServer.at(settings.location.server), settings)
        : pglite(
            settings.location._tag === "Memory" ? undefined : settings.location.path,
            settings,
          ),
    ),
  )

/**
 * The database of a client that somebody else has made: its server, its user and its way there, on connections of
 * ours, because ours need settings and codecs that a session of others lacks, and a transaction that waited for a
 * second connection of its own pool might wait for ever. In a transaction of that client, all goes on in it.
 */
export const layerOf = (
  host: PgClient.PgClient,
  options?: DatabaseSettings.Options,
): Layer.Layer<Services, DatabaseError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const use = yield* Effect.fromResult(DatabaseSettings.readUse(options))
      const server = HostServer.of(host)
      yield* checkHost(host, server)
      return postgres(server, use, host)
    }),
  )

const checkHost = Effect.fnUntraced(function* (
  host: PgClient.PgClient,
  server: PostgresServer.Server,
) {
  const place = `Postgres at ${server.address}`
  const found = yield* Effect.mapError(
    HostTransactions.look(host),
    (cause) =>
      new DatabaseError({ reason: { _tag: "Unreachable", server: server.address, cause } }),
  )
  if (found.isEmbedded) {
    const cause = new Error(
      "it has one session, which is the client's own: give its directory instead",
    )
    return yield* unusable(place, cause)
  }
  if (!found.isUnderstood) {
    const cause = new Error("the client has codecs of its own for integers or times")
    return yield* unusable(place, cause)
  }
})

const postgres = (
  server: PostgresServer.Server,
  { schema, connections, statementTimeout }: DatabaseSettings.Use,
  host?: PgClient.PgClient,
): Layer.Layer<Services, DatabaseError> =>
  Layer.effectContext(
    Effect.map(
      PostgresServer.open(server, { connections, statementTimeout, host }),
      ({ client, appends, listens }) =>
        services(SchemaClient.of(client, schema, host), {
          kind: "postgres",
          place: `Postgres at ${server.address}`,
          listens,
          appends: SchemaClient.of(appends, schema),
        }),
    ),
  ).pipe(Layer.provide(Reactivity.layer))

const services = (client: SchemaClient.Sql, database: Database["Service"]) =>
  Context.make(PgClient.PgClient, client).pipe(
    Context.add(SqlClient.SqlClient, client),
    Context.add(SchemaClient.SchemaClient, client),
    Context.add(Database, database),
  )

/** Loads PGlite on demand, because a process with a Postgres server never needs it. */
const open = async (data: string | undefined, hear: (line: string) => void): Promise<PGlite> => {
  const { PGlite } = await PgliteModules.load()
  const tuned = Object.entries(PostgresServer.settings).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ])
  const defaults = PGlite.defaultStartParams
  if (data === undefined) return PGlite.create({ startParams: [...defaults, ...tuned] })
  const durable = ["-c", "fsync=on", "-c", "wal_sync_method=fsync"]
  const synced = defaults.filter((parameter) => parameter !== "-F")
  return PGlite.create({
    fs: await PgliteFiles.open(data, hear),
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
  yield* Effect.mapError(DirectoryLock.hold(directory), (error) =>
    error._tag === "Held"
      ? new DatabaseError({ reason: { _tag: "InUse", directory, pid: error.holder.pid } })
      : unusable(directory, error.cause),
  )
  const fault = DataDirectory.isMade(directory) ? DataDirectory.faultOf(directory) : undefined
  if (fault !== undefined) return yield* unusable(directory, new Error(fault))
})

/** How many of the last lines of Postgres are kept: enough to tell why it gave up. */
const linesKept = 20

/**
 * Where PGlite cannot use the files, the last lines of Postgres explain the failure, because its own error tells
 * less. Only the first opening names the remedy, because files that were usable once are not broken.
 */
const openIn = (directory: string | undefined) => {
  const lines: Array<string> = []
  const hear = (line: string) => void lines.splice(0, lines.push(line) - linesKept)
  const data = directory && DataDirectory.dataOf(directory)
  const opened = () => {
    lines.length = 0
    return open(data, hear).catch((cause: unknown) => {
      const words = DataDirectory.lastWordsOf(lines)
      throw words === undefined ? PgliteModules.explain(cause) : new Error(words)
    })
  }
  return Effect.tryPromise({
    try: () => EmbeddedPostgres.open({ open: opened, directory }),
    catch: (cause) => {
      const words = DataDirectory.lastWordsOf(lines)
      return unusable(
        directory ?? "memory",
        words === undefined ? cause : new Error(`${words}: ${DataDirectory.remedy}`),
      )
    },
  })
}

const pglite = (
  directory: string | undefined,
  { schema, creates }: DatabaseSettings.Settings,
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
        limit: undefined,
        pool: "all",
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
