import { Duration, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import { SqlError } from "effect/sql/SqlError"
import { DatabaseError } from "../DatabaseError.ts"
import { codeOf } from "../ErrorText.ts"
import { types } from "../sql/PgCodecs.ts"
import * as PgSessions from "../sql/PgSessions.ts"
import * as StatementLimit from "../sql/StatementLimit.ts"
import * as ServerProbe from "./ServerProbe.ts"
import type { ServerUrl } from "./ServerUrl.ts"

const connectTimeout = Duration.seconds(10)

/** After this long without data TCP probes a connection, so that a dead one is noticed. */
const keepAlive = Duration.seconds(10)

/** Postgres ends a transaction that is idle for this long, because it may lock the head of a project's log. */
const abandonedAfter = Duration.seconds(60)

/**
 * Every statement is planned for its own values, because a plan made while the tables were empty would scan them when
 * they are full. Our statements are few and large, so planning costs little.
 */
export const settings = {
  plan_cache_mode: "force_custom_plan",
  random_page_cost: "1.1",
  jit: "off",
}

/** The time limits of a session on a server; the embedded database needs none, because its one session is ours. */
const limitsOf = (limit: Duration.Duration) => ({
  statement_timeout: `${Math.ceil(Duration.toMillis(StatementLimit.onServer(limit)))}`,
  idle_in_transaction_session_timeout: `${Duration.toMillis(abandonedAfter)}`,
})

/**
 * An append looks up only its project's head, so its plan is always the same once scans are off. Planning it for its
 * values would copy them into each plan, which takes up to a fifth of an append's time.
 */
const appendSettings = {
  ...settings,
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
}

/** How long an append waits for a lock: less than the statement limit, because its own error says more. */
const lockTimeoutOf = (limit: Duration.Duration) =>
  `${Math.ceil(Duration.toMillis(StatementLimit.onServer(limit)) * 0.9)}`

/** At most this many connections append, because each append has many events. */
const appendingMax = 4

/** The connections that are kept free of questions: one to listen, and one to derive. */
const reserved = 2

/** The numbers of connections for questions and for appends; the reserved ones come on top of these. */
const sizesOf = (connections: number) => {
  const appending = Math.min(Math.floor((connections - reserved) / 2), appendingMax)
  return { questions: connections - reserved - appending, appending }
}

/** A server, and its address as it may be told. */
export interface Server extends ServerProbe.Reached {
  readonly address: string
}

/** The server that an address names. */
export const at = ({ address, url, ssl, isOptional }: ServerUrl): Server => ({
  address,
  way: { url, ssl, connectTimeout, types },
  isOptional,
})

/** The encodings that store UTF-8; SQL_ASCII stores any bytes unchanged. */
const encodings = ["UTF8", "SQL_ASCII"]

/** The statement that makes a usable database, whatever the locale of the server. */
const commandOf = (name: string): string =>
  `create database ${name} encoding 'UTF8' locale 'C' template template0;`

/** The SQLSTATEs of refused connections. */
const refusals = { noSuchDatabase: "3D000", lacksPrivilege: "42501", tooMany: "53300" }

/** Logs the number of connections, and the consequences of a pooler, because nobody may know that there is one. */
const tell = (server: Server, { isPooled }: ServerProbe.ServerFacts, connections: number) => {
  const text = `Postgres at ${server.address}: up to ${connections} connections`
  return isPooled
    ? Effect.logInfo(
        `${text} through a pooler, without settings and named statements; what other processes append is looked for every second.`,
      )
    : Effect.logDebug(`${text}.`)
}

const unusable = (server: Server, text: string) =>
  new DatabaseError({
    reason: {
      _tag: "Unusable",
      location: `Postgres at ${server.address}`,
      cause: new Error(text),
    },
  })

const failureOf = (server: Server, wanted: number) => (cause: SqlError | DatabaseError) => {
  if (cause instanceof DatabaseError) return cause
  const code = codeOf(cause)
  const named = /\/(.+)$/.exec(server.address)?.[1]
  const name = named === undefined ? "NAME" : `"${decodeURIComponent(named)}"`
  if (code === refusals.tooMany) {
    const reason = { _tag: "TooMany", server: server.address, wanted, cause } as const
    return new DatabaseError({ reason })
  }
  if (code === refusals.noSuchDatabase || code === refusals.lacksPrivilege) {
    const missing =
      code === refusals.noSuchDatabase
        ? commandOf(name)
        : `the right to connect to the database ${name}`
    return new DatabaseError({ reason: { _tag: "Denied", missing, cause } })
  }
  return new DatabaseError({ reason: { _tag: "Unreachable", server: server.address, cause } })
}

/** Refuses a server on which Onymous would fail later. */
const check = (server: Server, found: ServerProbe.ServerFacts, wanted: number) => {
  if (!encodings.includes(found.encoding)) {
    const remedy = commandOf("NAME")
    return Effect.fail(
      unusable(
        server,
        `its encoding is ${found.encoding}, which does not have all letters. One that has is made by: ${remedy}`,
      ),
    )
  }
  // A pooler's connections are not counted by the role's limit.
  const isTooFew = !found.isPooled && found.connectionsMax >= 0 && found.connectionsMax < wanted
  if (!isTooFew) return Effect.void
  const cause = new Error(`the role ${found.role} may have ${found.connectionsMax}`)
  return Effect.fail(
    new DatabaseError({ reason: { _tag: "TooMany", server: server.address, wanted, cause } }),
  )
}

/** The limits of a client on a server. */
interface Use {
  readonly connections: number
  readonly statementTimeout: Duration.Duration
  /** The client of a host, in whose transactions ours go on. */
  readonly host?: SqlClient.SqlClient | undefined
}

type Sizes = Pick<PgSessions.Options, "maxConnections" | "unreserved" | "pool" | "joined">

/** Opens the clients of a server, one for questions and one for appends; `listens` is true where LISTEN delivers. */
export const open = Effect.fnUntraced(function* (
  server: Server,
  { connections, statementTimeout, host }: Use,
) {
  const { questions, appending } = sizesOf(connections)
  const limit = (yield* StatementLimit.StatementLimit) ?? statementTimeout
  return yield* Effect.gen(function* () {
    const found = yield* ServerProbe.look(server, { settings, limit })
    yield* check(server, found, connections)
    yield* tell(server, found, connections)
    const make = (parameters: Readonly<Record<string, string>>, sizes: Sizes) =>
      PgSessions.make({
        ...found.way,
        keepAlive,
        applicationName: "onymous",
        limit,
        ...sizes,
        ...(found.isPooled
          ? { prepare: false }
          : {
              startupParameters: {
                ...found.way.startupParameters,
                ...parameters,
                ...limitsOf(limit),
              },
            }),
      })
    return {
      client: yield* make(settings, {
        pool: "questions",
        maxConnections: questions + reserved,
        unreserved: questions,
        joined: host,
      }),
      appends: yield* make(
        { ...appendSettings, lock_timeout: lockTimeoutOf(limit) },
        { pool: "appends", maxConnections: appending },
      ),
      listens: !found.isPooled,
    }
  }).pipe(Effect.mapError(failureOf(server, connections)))
})
