import { Duration, Effect } from "effect"
import { SqlError } from "effect/sql/SqlError"
import { DatabaseError } from "../DatabaseError.ts"
import { codeOf } from "../ErrorText.ts"
import { types } from "../sql/PgCodecs.ts"
import * as PgSessions from "../sql/PgSessions.ts"
import * as StatementLimit from "../sql/StatementLimit.ts"
import * as ServerProbe from "./ServerProbe.ts"
import type { ServerUrl } from "./ServerUrl.ts"

const connectTimeout = Duration.seconds(10)

/** A connection on which nothing comes for so long is probed, so that one that is dead is found out. */
const keepAlive = Duration.seconds(10)

/** A session whose client has vanished inside a transaction would hold the head of a project's log. */
const abandonedAfter = Duration.seconds(60)

/**
 * A plan that was made while the tables were empty would be kept when they are full, and scan them:
 * every statement is planned for its own values. They are few and large, so that costs little.
 */
export const settings = {
  plan_cache_mode: "force_custom_plan",
  random_page_cost: "1.1",
  jit: "off",
}

/** A server ends what takes longer; the embedded database is alone with its one session. */
const limitsOf = (limit: Duration.Duration) => ({
  statement_timeout: `${Math.ceil(Duration.toMillis(StatementLimit.onServer(limit)))}`,
  idle_in_transaction_session_timeout: `${Duration.toMillis(abandonedAfter)}`,
})

/**
 * An append looks nothing up but its project's head, and its plan is the same whatever the tables hold, if
 * it scans none of them. Planned for its own values, these would be copied into each plan: up to a fifth of its time.
 */
const appendSettings = {
  ...settings,
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
}

/** When an append gives up that waits for somebody's transaction to end: sooner than its statement is ended, which says less. */
const lockTimeoutOf = (limit: Duration.Duration) =>
  `${Math.ceil(Duration.toMillis(StatementLimit.onServer(limit)) * 0.9)}`

/** Few appends are made at a time, since each has many events. */
const appendingMax = 4

/** One that listens, and one that derives, whatever is asked. */
const reserved = 2

/** How many connections a process opens at most: those for questions, those that are reserved, and those that append. */
const sizesOf = (connections: number) => {
  const [asked, appending] = [connections + reserved, Math.min(connections, appendingMax)]
  return { asked, appending, all: asked + appending }
}

/** SQL_ASCII keeps bytes as they come, and ours are UTF-8. */
const encodings = ["UTF8", "SQL_ASCII"]

/** What makes a database that we can use, whatever the locale of the server is. */
const commandOf = (name: string): string =>
  `create database ${name} encoding 'UTF8' locale 'C' template template0;`

/** Postgres' codes of why it takes no connection. */
const refusals = { noSuchDatabase: "3D000", lacksPrivilege: "42501", tooMany: "53300" }

/** Tells how many connections a process opens, and what a pooler changes, since nobody has asked for that. */
const tell = (server: ServerUrl, { isPooled }: ServerProbe.Found, all: number) => {
  const text = `Postgres at ${server.address}: up to ${all} connections`
  return isPooled
    ? Effect.logInfo(
        `${text} through a pooler, without settings and named statements; what other processes append is looked for every second.`,
      )
    : Effect.logDebug(`${text}.`)
}

const unusable = (server: ServerUrl, text: string) =>
  new DatabaseError({
    reason: {
      _tag: "Unusable",
      location: `Postgres at ${server.address}`,
      cause: new Error(text),
    },
  })

const failureOf = (server: ServerUrl, wanted: number) => (cause: SqlError | DatabaseError) => {
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
const check = (server: ServerUrl, found: ServerProbe.Found, wanted: number) => {
  if (!encodings.includes(found.encoding)) {
    const remedy = commandOf("NAME")
    return Effect.fail(
      unusable(
        server,
        `its encoding is ${found.encoding}, which does not have all letters. One that has is made by: ${remedy}`,
      ),
    )
  }
  // Connections to a pooler are not those of the role.
  const isTooFew = !found.isPooled && found.connectionsMax >= 0 && found.connectionsMax < wanted
  if (!isTooFew) return Effect.void
  const cause = new Error(`the role ${found.role} may have ${found.connectionsMax}`)
  return Effect.fail(
    new DatabaseError({ reason: { _tag: "TooMany", server: server.address, wanted, cause } }),
  )
}

/** How many questions are asked at a time, and how long a statement may take. */
interface Use {
  readonly connections: number
  readonly statementTimeout: Duration.Duration
}

type Sizes = Pick<PgSessions.Options, "maxConnections" | "unreserved" | "pool">

/** The clients on a server: one that asks, one that appends, and whether LISTEN delivers there. */
export const open = Effect.fnUntraced(function* (
  server: ServerUrl,
  { connections, statementTimeout }: Use,
) {
  const { asked, appending, all } = sizesOf(connections)
  const limit = (yield* StatementLimit.StatementLimit) ?? statementTimeout
  return yield* Effect.gen(function* () {
    const found = yield* ServerProbe.look(server, { connectTimeout, types }, { settings, limit })
    yield* check(server, found, all)
    yield* tell(server, found, all)
    const make = (own: Readonly<Record<string, string>>, sizes: Sizes) =>
      PgSessions.make({
        ...found.way,
        keepAlive,
        applicationName: "onymous",
        limit,
        ...sizes,
        ...(found.isPooled
          ? { prepare: false }
          : { startupParameters: { ...own, ...limitsOf(limit) } }),
      })
    return {
      client: yield* make(settings, {
        pool: "questions",
        maxConnections: asked,
        unreserved: connections,
      }),
      appends: yield* make(
        { ...appendSettings, lock_timeout: lockTimeoutOf(limit) },
        { pool: "appends", maxConnections: appending },
      ),
      listens: !found.isPooled,
    }
  }).pipe(Effect.mapError(failureOf(server, all)))
})
