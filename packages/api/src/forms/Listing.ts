import { Schema } from "effect"

/** ISO 8601 with milliseconds, in UTC. */
export const Time = Schema.String

/** Epoch milliseconds as a `Time`. */
export const timeOf = (milliseconds: number): typeof Time.Type =>
  new Date(milliseconds).toISOString()

/** Properties as their client sent them. */
export const Properties = Schema.Record(Schema.String, Schema.Json)

/**
 * A page of results. `next` asks for the page after it; `position` is the position of the persons.
 */
export const pageOf = <Result extends Schema.Constraint, Next extends Schema.Constraint>(
  result: Result,
  next: Next,
) =>
  Schema.Struct({
    results: Schema.Array(result),
    next: Schema.NullOr(next),
    position: Schema.Int,
  })
