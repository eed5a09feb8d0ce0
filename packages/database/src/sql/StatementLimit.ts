import { Context, Duration } from "effect"

/** The default limit of a statement, its wait for a connection included. */
export const usual = Duration.seconds(30)

/** The limit of long statements: enough for the index of a very long log, and short enough to give up a silent server. */
export const patient = Duration.hours(6)

/** The limit of an effect's statements; undefined for the limit of the database. */
export const StatementLimit = Context.Reference<Duration.Duration | undefined>(
  "@onymous/database/StatementLimit",
  { defaultValue: () => undefined },
)

/** The limit at which Postgres ends a statement: below ours, because its own error says more than a session given up. */
export const onServer = (limit: Duration.Duration): Duration.Duration => Duration.times(limit, 0.9)
