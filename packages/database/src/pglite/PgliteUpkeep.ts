import { Effect, Schedule } from "effect"
import type { SqlClient } from "effect/sql"

/** An unbounded write-ahead log is what PGlite leaves behind without checkpoints. */
const checkpoint = Schedule.spaced("1 minute")

/** PGlite has no autovacuum: dead rows and stale statistics stay until somebody comes. */
const vacuum = Schedule.spaced("15 minutes")

/** Does for ever what a Postgres server does by itself; a failure is told, and tried again later. */
export const run = (sql: SqlClient.SqlClient): Effect.Effect<void> => {
  const often = sql`checkpoint`.pipe(told, Effect.repeat(checkpoint), Effect.delay("1 minute"))
  const seldom = sql`vacuum (analyze)`.pipe(told, Effect.repeat(vacuum), Effect.delay("1 minute"))
  return Effect.all([often, seldom], { concurrency: "unbounded", discard: true })
}

const told = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<unknown> =>
  Effect.ignore(effect, { log: "Warn", message: "Maintenance of the database failed" })
