import { Result } from "effect"
import { type DatabaseError, refused } from "./DatabaseError.ts"
import * as DatabaseLocation from "./DatabaseLocation.ts"
import * as Schema from "./Schema.ts"

/** How a database is used. */
export interface Options {
  /** The schema in which all that is ours lies. Default `onymous`. */
  readonly schema?: string | undefined
  /** False for whoever only asks: then a database that is not there is refused. Default true. */
  readonly creates?: boolean | undefined
  /**
   * How many questions to a Postgres server are answered at a time. As many connections are opened for them at
   * most, as many, up to four, for appends, one that derives, and one that listens. Default 4.
   */
  readonly connections?: number | undefined
}

/** How many connections questions have where no number is named. */
export const connectionsByDefault = 4

/** A server has a hundred by default, for all of its clients. */
export const connectionsMax = 1000

/** What is given to open a database, once all of it is understood. */
export interface Settings {
  readonly location: DatabaseLocation.DatabaseLocation
  readonly schema: string
  readonly creates: boolean
  readonly connections: number
}

/** Reads how a database is used, before anything is opened. */
export const read = (
  given: unknown,
  { schema = Schema.byDefault, creates = true, connections = connectionsByDefault }: Options = {},
): Result.Result<Settings, DatabaseError> =>
  Result.gen(function* () {
    const location = yield* DatabaseLocation.read(given)
    if (!Schema.isName(schema)) return yield* Result.fail(refused("schema", Schema.expected))
    if (!Number.isInteger(connections) || connections < 1 || connections > connectionsMax) {
      const expected = `a whole number from 1 to ${connectionsMax}`
      return yield* Result.fail(refused("connections", expected))
    }
    return { location, schema, creates, connections }
  })
