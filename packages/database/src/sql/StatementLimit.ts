import { Context, Duration } from "effect"

/** How long a statement may take where nobody says so, with the time for which it waits for a connection. */
export const usual = Duration.seconds(30)

/** Long enough for the index of a very long log, and short enough to give up what nobody answers. */
export const patient = Duration.hours(6)

/** The limit of the statements of an effect; undefined for that of the database. */
export const StatementLimit = Context.Reference<Duration.Duration | undefined>(
  "@onymous/database/StatementLimit",
  { defaultValue: () => undefined },
)

/** When Postgres ends a statement: sooner than we give its session up, because its own answer says more. */
export const onServer = (limit: Duration.Duration): Duration.Duration => Duration.times(limit, 0.9)
