import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"

/** PGlite makes no checkpoints by itself, without which its write-ahead log grows without bound. */
const checkpoint = Schedule.spaced("1 minute")

/** PGlite has no autovacuum to remove dead rows and refresh statistics. */
const vacuum = Schedule.spaced("15 minutes")

/** Does for ever what a Postgres server does by itself; a failure is logged, and the next turn tries again. */
export const run = (sql: SqlClient.SqlClient): Effect.Effect<void> => {
  const often = sql`checkpoint`.pipe(
    logFailure,
    Effect.repeat(checkpoint),
    Effect.delay("1 minute"),
  )
  const seldom = sql`vacuum (analyze)`.pipe(
    logFailure,
    Effect.repeat(vacuum),
    Effect.delay("1 minute"),
  )
  return Effect.all([often, seldom], { concurrency: "unbounded", discard: true })
}

const logFailure = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<unknown> =>
  Effect.ignore(effect, { log: "Warn", message: "Maintenance of the database failed" })
