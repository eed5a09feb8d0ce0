import type { PGlite } from "@electric-sql/pglite"
import { PgClient } from "@effect/sql-pg"
import { Context, Data, Duration, Effect, Layer, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import * as fs from "node:fs"
import { dirname, resolve } from "node:path"
import { addressOf, isServer } from "./DatabaseLocation.ts"
import { innermostText } from "./ErrorText.ts"
import * as DirectoryLock from "./pglite/DirectoryLock.ts"
import { EmbeddedPostgres } from "./pglite/EmbeddedPostgres.ts"
import * as PgliteUpkeep from "./pglite/PgliteUpkeep.ts"
import { PgliteSocket } from "./pglite/PgliteSocket.ts"
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
    /** True where LISTEN delivers; PGlite's one connection would be lost to it. */
    readonly listens: boolean
    /** The connections for statements whose plan is the same whatever their values: appends. */
    readonly appends: SchemaClient.Sql
  }
>()("@onymous/database/Database") {}

/** Why there is no database. */
export type DatabaseReason =
  | { readonly _tag: "InUse"; readonly directory: string; readonly pid: number | undefined }
  | { readonly _tag: "Unreachable"; readonly server: string; readonly cause: unknown }
  | { readonly _tag: "Unusable"; readonly location: string; readonly cause: unknown }
  | { readonly _tag: "Later"; readonly step: string }
  | { readonly _tag: "Foreign"; readonly schema: string; readonly table: string }
  | { readonly _tag: "Refused"; readonly field: string; readonly expected: string }

/** The database could not be opened; no password is in it. */
export class DatabaseError extends Data.TaggedError("DatabaseError")<{
  readonly reason: DatabaseReason
}> {
  override get message(): string {
    const { reason } = this
    switch (reason._tag) {
      case "InUse":
        return `${reason.directory} is in use by another Onymous${reason.pid === undefined ? "" : ` (process ${reason.pid})`}: stop that one, or give this one another directory.`
      case "Unreachable":
        return `Postgres at ${reason.server} does not answer: ${innermostText(reason.cause)}`
      case "Unusable":
        return `${reason.location} cannot be used as a database: ${innermostText(reason.cause)}`
      case "Later":
        return `The database was used by a later version of Onymous (it has the step ${reason.step}): start that version.`
      case "Foreign":
        return `The schema ${reason.schema} has a table ${reason.table} that Onymous has not made: name another schema, which Onymous has for itself.`
      case "Refused":
        return `${reason.field}: expected ${reason.expected}`
    }
  }
}

type Services = Database | SqlClient.SqlClient | PgClient.PgClient | SchemaClient.SchemaClient

/** How a database is used. */
export interface Options {
  /** The schema in which all that is ours lies. Default `onymous`. */
  readonly schema?: string | undefined
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

/** `postgres://…` is a server, `memory` is gone with the process, all else is a directory. */
export const layer = (
  location: string,
  { schema = Schema.byDefault }: Options = {},
): Layer.Layer<Services, DatabaseError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      if (!Schema.isName(schema)) {
        const reason = { _tag: "Refused", field: "schema", expected: Schema.expected } as const
        return yield* new DatabaseError({ reason })
      }
      return isServer(location)
        ? postgres(location, schema)
        : pglite(location === "memory" ? undefined : resolve(location), schema)
    }),
  )

const postgres = (url: string, schema: string): Layer.Layer<Services, DatabaseError> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const shared = {
        url: Redacted.make(url),
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
        listens: true,
        appends: SchemaClient.of(appends, schema),
      })
    }).pipe(
      Effect.mapError((cause) => {
        const server = addressOf(url)
        return new DatabaseError({ reason: { _tag: "Unreachable", server, cause } })
      }),
    ),
  ).pipe(Layer.provide(Reactivity.layer))

const services = (client: SchemaClient.Sql, database: Database["Service"]) =>
  Context.make(PgClient.PgClient, client).pipe(
    Context.add(SqlClient.SqlClient, client),
    Context.add(SchemaClient.SchemaClient, client),
    Context.add(Database, database),
  )

/** Loaded on demand, because a process with a Postgres server never needs PGlite. */
const open = async (directory: string | undefined): Promise<PGlite> => {
  const { PGlite } = await import("@electric-sql/pglite")
  const tuned = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const defaults = PGlite.defaultStartParams
  if (directory === undefined) return PGlite.create({ startParams: [...defaults, ...tuned] })
  const durable = ["-c", "fsync=on", "-c", "wal_sync_method=fsync"]
  const { PgliteFiles } = await import("./pglite/PgliteFiles.ts")
  const synced = defaults.filter((parameter) => parameter !== "-F")
  return PGlite.create({
    fs: new PgliteFiles(directory),
    startParams: [...synced, ...durable, ...tuned],
  })
}

const unusable = (location: string) => (cause: unknown) =>
  new DatabaseError({ reason: { _tag: "Unusable", location, cause } })

/** Level by level: Node's own way tries for ever where a parent says of a child that it is not there. */
const makeDirectory = (directory: string): void => {
  if (isDirectory(directory)) return
  makeDirectory(dirname(directory))
  try {
    fs.mkdirSync(directory, { mode: 0o700 })
  } catch (cause) {
    // Another process may have made it meanwhile.
    if (!isDirectory(directory)) throw cause
  }
}

const isDirectory = (directory: string): boolean =>
  fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true

const claimDirectory = Effect.fnUntraced(function* (directory: string) {
  yield* Effect.try({
    try: () => makeDirectory(directory),
    catch: unusable(directory),
  })
  yield* Effect.mapError(
    DirectoryLock.hold(directory),
    ({ pid }) => new DatabaseError({ reason: { _tag: "InUse", directory, pid } }),
  )
})

const pglite = (
  directory: string | undefined,
  schema: string,
): Layer.Layer<Services, DatabaseError> =>
  Layer.effectContext(
    Effect.gen(function* () {
      if (directory !== undefined) yield* claimDirectory(directory)
      const location = directory ?? "memory"
      const database = yield* Effect.acquireRelease(
        Effect.tryPromise({
          // The lock lies beside the data: Postgres wants its own directory empty at first.
          try: () => EmbeddedPostgres.open(() => open(directory && `${directory}/data`), directory),
          catch: unusable(location),
        }),
        (opened) => Effect.promise(() => opened.close()),
      )
      const client = yield* PgSessions.make({
        isLimited: false,
        stream: () => new PgliteSocket(database),
        username: "postgres",
        database: "postgres",
        maxConnections: 1,
        types,
      }).pipe(Effect.mapError(unusable(location)))
      yield* Effect.forkScoped(PgliteUpkeep.run(client))
      const ours = SchemaClient.of(client, schema)
      return services(ours, { kind: "pglite", listens: false, appends: ours })
    }),
  ).pipe(Layer.provide(Reactivity.layer))
