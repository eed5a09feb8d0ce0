import { Context, Duration } from "effect"

/** How long the database may take for a statement, and how long a statement may wait for a connection. */
export const usual = Duration.seconds(30)

/** Long enough for the index of a very long log, and short enough to give up what nobody answers. */
export const patient = Duration.hours(6)

/** The limit of the statements of an effect. Postgres ends them at the limit; where it is silent, we give its session up. */
export const StatementLimit = Context.Reference<Duration.Duration>(
  "@onymous/database/StatementLimit",
  { defaultValue: () => usual },
)
