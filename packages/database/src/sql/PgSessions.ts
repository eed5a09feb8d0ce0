import { PgClient, type PgConnection, PgPool } from "@effect/sql-pg"
import { Duration, Effect, Fiber, Option, Scope, Semaphore } from "effect"
import { SqlClient, type SqlConnection, Statement } from "effect/sql"
import { ConnectionError, SqlError, UnknownError } from "effect/sql/SqlError"
import { codeOf } from "../ErrorText.ts"
import * as ConnectionMetrics from "./ConnectionMetrics.ts"
import { UsesReserved } from "./ReservedConnection.ts"
import { StatementLimit } from "./StatementLimit.ts"

/** What the server says of itself when it takes no more writes, or is on its way down: its other sessions say the same. */
const unfit: ReadonlySet<unknown> = new Set(["25006", "57P01", "57P02", "57P03"])

const lost = (message: string): SqlError =>
  new SqlError({
    reason: new ConnectionError({ cause: new Error(message), message, operation: "query" }),
  })

/** Sessions that are opened when they are wanted, and given up when they are of no more use. */
interface Sessions {
  readonly pool: PgPool.PgPool
  /** Without a limit a statement may take for ever, as where it runs in this process. */
  readonly limit: Duration.Duration | undefined
  /** Permits for all sessions but those that are reserved; undefined where none is. */
  readonly unreserved: Semaphore.Semaphore | undefined
  /** In the order in which they were first taken. */
  readonly numbers: WeakMap<PgConnection.PgConnection, number>
  taken: number
  /** How many are in use. */
  used: number
  /** Sessions with a smaller number are given up when they are taken again. */
  fitFrom: number
  /** Sessions on which a statement was not answered: no other one is waited for. */
  readonly silent: WeakSet<PgConnection.PgConnection>
}

/** Gives up a session as soon as it is returned, and all others that were there when it failed. */
const giveUp = (sessions: Sessions, session: PgConnection.PgConnection): Effect.Effect<void> =>
  Effect.suspend(() => {
    sessions.fitFrom = sessions.taken + 1
    return sessions.pool.invalidate(session)
  })

/**
 * Ends what takes longer than the limit, also inside a region that nobody interrupts, as a commit is. It does not
 * wait for what it ends, because to end a statement on a silent connection takes seconds more.
 */
const limited = Effect.fnUntraced(function* <A>(
  sessions: Sessions,
  effect: Effect.Effect<A, SqlError>,
  orElse: (seconds: number) => Effect.Effect<never, SqlError>,
  waited: Duration.Duration = Duration.zero,
) {
  if (sessions.limit === undefined) return yield* effect
  const limit = (yield* StatementLimit) ?? sessions.limit
  const left = Duration.subtract(limit, waited)
  const fiber = yield* Effect.forkDetach(Effect.interruptible(effect), { startImmediately: true })
  const exit = yield* Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), left).pipe(
    Effect.onInterrupt(() => Fiber.interrupt(fiber)),
  )
  if (Option.isSome(exit)) return yield* exit.value
  fiber.interruptUnsafe()
  return yield* orElse(Duration.toSeconds(limit))
})

/** How long a session that nobody has taken yet may take to say that it is there. */
const firstAnswer = Duration.seconds(2)

/** True unless others were given up and this one, which may have been there before, does not answer. */
const isAnswering = ({ limit, fitFrom }: Sessions, session: PgConnection.PgConnection) =>
  limit !== undefined && fitFrom > 0
    ? Effect.orElseSucceed(
        Effect.timeoutOrElse(Effect.interruptible(Effect.as(session.query("select 1", []), true)), {
          duration: firstAnswer,
          orElse: () => Effect.succeed(false),
        }),
        () => false,
      )
    : Effect.succeed(true)

/** Waits for a free session, no longer than for a statement. */
const whenFree = <A>(sessions: Sessions, effect: Effect.Effect<A, SqlError>) =>
  limited(sessions, effect, (seconds) =>
    Effect.fail(lost(`No connection to the database was free within ${seconds} s.`)),
  )

/** Leaves the reserved sessions to those that may take them, until the end of the scope. */
const leaveReserved = Effect.fnUntraced(function* (sessions: Sessions) {
  const { unreserved } = sessions
  if (unreserved === undefined || (yield* UsesReserved)) return
  const scope = yield* Effect.scope
  // What was waited for is given back at the end of the scope, also where it came just when the wait was over.
  const permit = Effect.acquireRelease(unreserved.take(1), () => unreserved.release(1), {
    interruptible: true,
  })
  yield* whenFree(sessions, Effect.provideService(permit, Scope.Scope, scope))
})

/** Counts a session until the end of the scope. */
const inUse = (sessions: Sessions) =>
  Effect.acquireRelease(
    Effect.sync(() => void sessions.used++),
    () => Effect.sync(() => void sessions.used--),
  )

/** Takes a session that is fit, to be returned at the end of the scope. */
const take = Effect.fnUntraced(function* (sessions: Sessions) {
  const scope = yield* Effect.scope
  const next = Effect.provideService(sessions.pool.get, Scope.Scope, scope)
  yield* leaveReserved(sessions)
  while (true) {
    const session = yield* whenFree(sessions, next)
    const number = sessions.numbers.get(session)
    if (number === undefined) sessions.numbers.set(session, ++sessions.taken)
    const isFit =
      number === undefined ? yield* isAnswering(sessions, session) : number >= sessions.fitFrom
    if (isFit) return yield* Effect.as(inUse(sessions), session)
    yield* sessions.pool.invalidate(session)
  }
})

/** The same for nobody else until the end of the scope. */
const reserve = (sessions: Sessions) => Effect.flatMap(take(sessions), ({ pin }) => pin)

/** The way on which the client sends its statements: each within its limit, and no session is kept that is of no use. */
const connectionOf = (
  sessions: Sessions,
  session: PgConnection.PgConnection,
  waited?: Duration.Duration,
): SqlConnection.Connection => {
  const silent = Effect.fnUntraced(function* (seconds: number) {
    sessions.silent.add(session)
    yield* giveUp(sessions, session)
    return yield* Effect.fail(lost(`The database did not answer within ${seconds} s.`))
  })
  const answered = <A>(statement: Effect.Effect<A, SqlError>) =>
    Effect.suspend(() =>
      sessions.silent.has(session)
        ? Effect.fail(lost("The database has not answered on this connection."))
        : limited(sessions, statement, silent, waited),
    ).pipe(
      Effect.tapError((error) =>
        unfit.has(codeOf(error)) ? giveUp(sessions, session) : Effect.void,
      ),
    )
  const rows = (sql: string, params: ReadonlyArray<unknown>, prepare?: boolean) =>
    answered(Effect.map(session.query(sql, params, prepare), (result) => result.rows))
  const orGivenUp = Effect.catch(() => Effect.as(sessions.pool.invalidate(session), []))
  return {
    execute: (sql, params) => (isUndoing(sql) ? orGivenUp(rows(sql, params)) : rows(sql, params)),
    executeUnprepared: (sql, params) => rows(sql, params, false),
    executeRaw: (sql, params) => answered(session.query(sql, params)),
    executeValues: (sql, params) => answered(session.queryValues(sql, params)),
    executeValuesUnprepared: (sql, params) => answered(session.queryValues(sql, params, false)),
    executeStream: (sql, params) => session.stream(sql, params),
  }
}

/**
 * True for what the client itself says to undo a transaction or a savepoint. Postgres undoes by itself what its
 * session has lost: where the session cannot, it is given up, which is no defect.
 */
const isUndoing = (sql: string): boolean => sql.startsWith("ROLLBACK") || sql.startsWith("RELEASE")

/** True for what Postgres answers to the commit of a transaction in which a statement had failed. */
const isRolledBack = (result: unknown): boolean =>
  typeof result === "object" &&
  result !== null &&
  "command" in result &&
  result.command === "ROLLBACK"

const notCommitted = new SqlError({
  reason: new UnknownError({
    cause: new Error("A statement of the transaction had failed."),
    message: "The transaction was rolled back",
    operation: "commit",
  }),
})

const commit = (connection: SqlConnection.Connection) =>
  Effect.flatMap(connection.executeRaw("COMMIT", []), (result) =>
    isRolledBack(result) ? Effect.fail(notCommitted) : Effect.void,
  )

const json = Statement.custom<PgClient.PgCustom>("PgJson")

/** How sessions are opened, and how long their statements may take. */
export interface Options extends PgClient.PgPoolConfig {
  readonly limit: Duration.Duration | undefined
  /** How many sessions all may take; the rest are reserved for statements that others wait for. */
  readonly unreserved?: number
  /** What its sessions are for, as it is told of those in use. */
  readonly pool: "questions" | "appends" | "all"
}

/**
 * The client of a database whose sessions come and go: a lost one fails its statement or its transaction, a
 * silent one at the limit of its statement, and of the next ones each begins with a session that is fit.
 */
export const make = Effect.fnUntraced(function* ({ limit, unreserved, pool, ...config }: Options) {
  const sessions: Sessions = {
    pool: yield* PgPool.make(config),
    limit,
    unreserved: unreserved === undefined ? undefined : Semaphore.makeUnsafe(unreserved),
    numbers: new WeakMap(),
    taken: 0,
    used: 0,
    fitFrom: 0,
    silent: new WeakSet(),
  }
  const max = config.maxConnections ?? 1
  yield* ConnectionMetrics.tell({ pool, max, used: () => sessions.used })
  const client = yield* SqlClient.make({
    // To wait for a session and for its answer takes no longer than the limit of one statement.
    acquirer: Effect.map(Effect.timed(take(sessions)), ([waited, session]) =>
      connectionOf(sessions, session, waited),
    ),
    transactionAcquirer: Effect.map(reserve(sessions), (session) =>
      connectionOf(sessions, session),
    ),
    compiler: PgClient.makeCompiler(),
    driver: "postgres",
    spanAttributes: [["db.system.name", "postgresql"]],
    prepareTransactionControls: true,
    commit,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`,
  })
  const own: Omit<PgClient.PgClient, keyof SqlClient.SqlClient> = {
    [PgClient.TypeId]: PgClient.TypeId,
    config,
    json: (value) => Statement.fragment([json(value, undefined, undefined)]),
    // One of the reserved, because it is held for as long as the client is there.
    listen: (channel) =>
      Effect.flatMap(reserve(sessions), (session) => session.listen(channel)).pipe(
        Effect.provideService(UsesReserved, true),
      ),
    notify: (channel, payload) => Effect.asVoid(client`select pg_notify(${channel}, ${payload})`),
  }
  return Object.assign(client, own)
})
