import { PgClient, type PgConnection, PgPool } from "@effect/sql-pg"
import { Cause, Duration, Effect, Exit, Scope, Semaphore } from "effect"
import { SqlClient, type SqlConnection, Statement } from "effect/sql"
import { ConnectionError, SqlError, UnknownError } from "effect/sql/SqlError"
import { codeOf } from "../ErrorText.ts"
import * as ConnectionMetrics from "./ConnectionMetrics.ts"
import * as HostTransactions from "./HostTransactions.ts"
import { UsesReserved } from "./ReservedConnection.ts"
import { StatementLimit } from "./StatementLimit.ts"
import * as TimeLimit from "./TimeLimit.ts"
import * as Transaction from "./Transaction.ts"

/** The SQLSTATEs of a server that is read-only or shutting down, which concern all of its sessions. */
const unfit: ReadonlySet<unknown> = new Set(["25006", "57P01", "57P02", "57P03"])

const lost = (message: string): SqlError =>
  new SqlError({
    reason: new ConnectionError({ cause: new Error(message), message, operation: "query" }),
  })

/** The sessions of a client, which are opened on demand and given up when they fail. */
interface Sessions {
  readonly pool: PgPool.PgPool
  /** The time limit of a statement; undefined for none, as on PGlite. */
  readonly limit: Duration.Duration | undefined
  /** Permits for all sessions but those that are reserved; undefined where none is. */
  readonly unreserved: Semaphore.Semaphore | undefined
  /** Session → its number, in the order in which sessions were first taken. */
  readonly numbers: WeakMap<PgConnection.PgConnection, number>
  taken: number
  /** The number of sessions in use. */
  used: number
  /** Sessions with a smaller number are given up when they are taken again. */
  fitFrom: number
  /** Sessions that did not answer a statement in time: further statements on them fail at once. */
  readonly silent: WeakSet<PgConnection.PgConnection>
}

/** Gives up a session, and all that were opened before it failed, as soon as they are returned. */
const giveUp = (sessions: Sessions, session: PgConnection.PgConnection): Effect.Effect<void> =>
  Effect.suspend(() => {
    sessions.fitFrom = sessions.taken + 1
    return sessions.pool.invalidate(session)
  })

/** Ends an effect that takes longer than the limit of a statement, of which some may have been waited already. */
const limited = <A, E, R>(
  { limit }: Sessions,
  effect: Effect.Effect<A, E, R>,
  orElse: (seconds: number) => Effect.Effect<never, SqlError>,
  waited: Duration.Duration = Duration.zero,
): Effect.Effect<A, E | SqlError, R> =>
  limit === undefined
    ? effect
    : Effect.flatMap(StatementLimit, (own) => {
        const whole = own ?? limit
        return TimeLimit.end(effect, Duration.subtract(whole, waited), () =>
          orElse(Duration.toSeconds(whole)),
        )
      })

/** How long a session may take for an answer before it counts as silent. */
const firstAnswer = Duration.seconds(2)

/** True unless other sessions were given up and this one, which may be as old as they, does not answer. */
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

const noneFree = (seconds: number) =>
  Effect.fail(lost(`No connection to the database was free within ${seconds} s.`))

/** Waits for a free session, no longer than the limit of a statement. */
const whenFree = <A>(sessions: Sessions, effect: Effect.Effect<A, SqlError>) =>
  limited(sessions, effect, noneFree)

/** True for a session that no other has outlived, or that answers. */
const isFit = (sessions: Sessions, session: PgConnection.PgConnection): Effect.Effect<boolean> => {
  const number = sessions.numbers.get(session)
  if (number !== undefined) return Effect.succeed(number >= sessions.fitFrom)
  return Effect.map(isAnswering(sessions, session), (answers) => {
    // Not before its answer, because a look that was interrupted says nothing of the session.
    sessions.numbers.set(session, answers ? ++sessions.taken : 0)
    return answers
  })
}

/** Takes a permit until the scope closes, unless reserved sessions may be used, so that questions leave those free. */
const leaveReserved = Effect.fnUntraced(function* (sessions: Sessions) {
  const { unreserved } = sessions
  if (unreserved === undefined || (yield* UsesReserved)) return
  const scope = yield* Effect.scope
  // The permit is released when the scope closes, even if it arrived just as the wait ended.
  const permit = Effect.acquireRelease(unreserved.take(1), () => unreserved.release(1), {
    interruptible: true,
  })
  yield* whenFree(sessions, Effect.provideService(permit, Scope.Scope, scope))
})

/** Counts a session as in use until the scope closes. */
const inUse = (sessions: Sessions) =>
  Effect.acquireRelease(
    Effect.sync(() => void sessions.used++),
    () => Effect.sync(() => void sessions.used--),
  )

/** Takes a session that is fit, and returns it when the scope closes. */
const take = Effect.fnUntraced(function* (sessions: Sessions) {
  const scope = yield* Effect.scope
  const next = Effect.provideService(sessions.pool.get, Scope.Scope, scope)
  yield* leaveReserved(sessions)
  while (true) {
    const session = yield* whenFree(sessions, next)
    if (yield* isFit(sessions, session)) return yield* Effect.as(inUse(sessions), session)
    yield* sessions.pool.invalidate(session)
  }
})

/** The same, and pins the session to the caller until the scope closes. */
const reserve = (sessions: Sessions) => Effect.flatMap(take(sessions), ({ pin }) => pin)

/** Gives up a session that has not answered in time. */
const giveUpSilent = (sessions: Sessions, session: PgConnection.PgConnection, seconds: number) => {
  sessions.silent.add(session)
  return Effect.andThen(
    giveUp(sessions, session),
    Effect.fail(lost(`The database did not answer within ${seconds} s.`)),
  )
}

/** Gives up a session whose server takes no more statements. */
const giveUpUnfit = (sessions: Sessions, session: PgConnection.PgConnection, error: unknown) =>
  unfit.has(codeOf(error)) ? giveUp(sessions, session) : Effect.void

/** The connection of the client on a session: each statement has its limit, and a session that fails is given up. */
const connectionOf = (
  sessions: Sessions,
  session: PgConnection.PgConnection,
  waited?: Duration.Duration,
): SqlConnection.Connection => {
  const answered = <A>(statement: Effect.Effect<A, SqlError>) =>
    Effect.suspend(() =>
      sessions.silent.has(session)
        ? Effect.fail(lost("The database has not answered on this connection."))
        : limited(
            sessions,
            statement,
            (seconds) => giveUpSilent(sessions, session, seconds),
            waited,
          ),
    ).pipe(Effect.tapError((error) => giveUpUnfit(sessions, session, error)))
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

/** The connection of the client on a session that is lent for one statement, whose limit is that of the loan. */
const lentConnection = (session: PgConnection.PgConnection): SqlConnection.Connection => {
  const rows = (sql: string, params: ReadonlyArray<unknown>, prepare?: boolean) =>
    Effect.map(session.query(sql, params, prepare), (result) => result.rows)
  return {
    execute: (sql, params) => rows(sql, params),
    executeUnprepared: (sql, params) => rows(sql, params, false),
    executeRaw: (sql, params) => session.query(sql, params),
    executeValues: (sql, params) => session.queryValues(sql, params),
    executeValuesUnprepared: (sql, params) => session.queryValues(sql, params, false),
    executeStream: (sql, params) => session.stream(sql, params),
  }
}

/** Runs an effect with a permit, unless reserved sessions may be used. */
const withPermit = <A, E, R>({ unreserved }: Sessions, effect: Effect.Effect<A, E, R>) =>
  unreserved === undefined
    ? effect
    : Effect.flatMap(UsesReserved, (isReserved) =>
        isReserved ? effect : unreserved.withPermit(effect),
      )

/** What came of a loan: the answer, or the session that was unfit, to which nothing was said. */
type Loan<A> = { readonly answer: A } | { readonly unfit: PgConnection.PgConnection }

/**
 * Lends a session for one statement, without a scope. The wait for a session and the wait for its answer are one, with
 * one limit, because every statement pays for it.
 */
const lend =
  (sessions: Sessions): SqlConnection.Borrower =>
  <A, E, R>(statement: (connection: SqlConnection.Connection) => Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      let lent: { readonly session: PgConnection.PgConnection; readonly at: number } | undefined
      const ask = (session: PgConnection.PgConnection): Effect.Effect<Loan<A>, E, R> => {
        lent = { session, at: performance.now() }
        sessions.used++
        const answer = Effect.onExit(statement(lentConnection(session)), (exit) => {
          sessions.used--
          return Exit.isSuccess(exit)
            ? Effect.void
            : giveUpUnfit(sessions, session, Cause.squash(exit.cause))
        })
        return Effect.map(answer, (answer) => ({ answer }))
      }
      const loan = sessions.pool.use((session) =>
        Effect.flatMap(isFit(sessions, session), (fits): Effect.Effect<Loan<A>, E, R> =>
          fits ? ask(session) : Effect.succeed({ unfit: session }),
        ),
      )
      const answered: Effect.Effect<A, E | SqlError, R> = Effect.flatMap(loan, (result) =>
        "answer" in result
          ? Effect.succeed(result.answer)
          : Effect.andThen(sessions.pool.invalidate(result.unfit), answered),
      )
      return limited(sessions, withPermit(sessions, answered), (seconds) => {
        if (lent === undefined) return noneFree(seconds)
        // A session that was free only just before the limit says nothing of the others.
        return performance.now() - lent.at < Duration.toMillis(firstAnswer)
          ? Effect.andThen(sessions.pool.invalidate(lent.session), noneFree(seconds))
          : giveUpSilent(sessions, lent.session, seconds)
      })
    })

/**
 * True for the client's own statements that end a transaction or a savepoint. A session that fails at them is given up
 * without an error, because Postgres rolls back what a lost session has begun.
 */
const isUndoing = (sql: string): boolean => sql.startsWith("ROLLBACK") || sql.startsWith("RELEASE")

/** True for Postgres' answer to the commit of a transaction in which a statement had failed. */
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

/**
 * The largest answer that a session takes, in bytes: that of Postgres itself, which allows a value of 1 GiB. The
 * driver's own limit of 16 MiB would stop a project whose persons or events are larger.
 */
const maxMessageSize = 2 ** 30

/** How sessions are opened, and the limit of their statements. */
export interface Options extends PgClient.PgPoolConfig {
  readonly limit: Duration.Duration | undefined
  /** How many sessions questions may take; the rest are reserved (`UsesReserved`). */
  readonly unreserved?: number
  /** The use of its sessions, as the metric of connections names it. */
  readonly pool: "questions" | "appends" | "all"
  /** The client of a host, in whose transactions this one goes on. */
  readonly joined?: SqlClient.SqlClient | undefined
}

/**
 * A client whose sessions may be lost. A lost session fails its statement or transaction, a silent one does so at the
 * limit of its statement, and every later statement gets a session that is fit.
 */
export const make = Effect.fnUntraced(function* (options: Options) {
  const { limit, unreserved, pool, joined, ...config } = options
  const sessions: Sessions = {
    pool: yield* PgPool.make({ ...config, maxMessageSize }),
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
  // To wait for a session and for its answer takes no longer than the limit of one statement.
  const acquirer = Effect.map(Effect.timed(take(sessions)), ([waited, session]) =>
    connectionOf(sessions, session, waited),
  )
  const client = yield* SqlClient.make({
    acquirer: joined === undefined ? acquirer : HostTransactions.acquirer(joined, acquirer),
    borrower: joined === undefined ? lend(sessions) : undefined,
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
  const postgresParts: Omit<PgClient.PgClient, keyof SqlClient.SqlClient> = {
    [PgClient.TypeId]: PgClient.TypeId,
    config,
    json: (value) => Statement.fragment([json(value, undefined, undefined)]),
    // A reserved session, because listening holds it for as long as the client lives.
    listen: (channel) =>
      Effect.flatMap(reserve(sessions), (session) => session.listen(channel)).pipe(
        Effect.provideService(UsesReserved, true),
      ),
    notify: (channel, payload) => Effect.asVoid(client`select pg_notify(${channel}, ${payload})`),
  }
  return Object.assign(client, postgresParts, joined && Transaction.joining(client, joined))
})
