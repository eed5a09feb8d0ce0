import { Duration, Effect } from "effect"
import type { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import * as HostTransactions from "./HostTransactions.ts"
import { onServer, patient, StatementLimit } from "./StatementLimit.ts"

/**
 * Runs an effect in a transaction, or in a savepoint of the transaction around it. On a lost connection it fails with
 * the effect's own error: our client gives up a session that cannot roll back, and Postgres rolls back by itself.
 */
export const run = <A, E, R>(
  sql: SqlClient.SqlClient,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError, R> => sql.withTransaction(effect)

/** The same for statements that may take long: those that make tables, indexes and comparisons. */
export const runPatiently = <A, E, R>(
  sql: SqlClient.SqlClient,
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | SqlError, R> =>
  run(
    sql,
    // By `set`, because a `select` would begin the snapshot of the transaction.
    Effect.andThen(
      sql`set local statement_timeout = ${sql.literal(`${Duration.toMillis(onServer(patient))}`)}`,
      effect,
    ),
  ).pipe(Effect.provideService(StatementLimit, patient))

/** What a client does in a transaction of a host's, where it begins none of its own. */
export const joining = (
  own: SqlClient.SqlClient,
  host: SqlClient.SqlClient,
): Pick<SqlClient.SqlClient, "withTransaction" | "afterCommit"> => {
  const { withTransaction, afterCommit } = own
  const isOfHost = HostTransactions.isAround(host)
  return {
    withTransaction: (effect) =>
      Effect.flatMap(isOfHost, (isIt) =>
        isIt ? host.withTransaction(effect) : withTransaction(effect),
      ),
    afterCommit: (effect) =>
      Effect.flatMap(isOfHost, (isIt) => (isIt ? host.afterCommit(effect) : afterCommit(effect))),
  }
}
