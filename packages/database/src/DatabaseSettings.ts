import { Duration, Result } from "effect"
import { type DatabaseError, refused } from "./DatabaseError.ts"
import * as DatabaseLocation from "./DatabaseLocation.ts"
import * as Schema from "./Schema.ts"
import { usual } from "./sql/StatementLimit.ts"

/** How a database is used. */
export interface Options {
  /** The schema in which all that is ours lies. Default `onymous`. */
  readonly schema?: string | undefined
  /** False for whoever only asks: then a database that is not there is refused. Default true. */
  readonly creates?: boolean | undefined
  /** False refuses tables of another version, and changes none. Default true. */
  readonly migrates?: boolean | undefined
  /**
   * How many questions to a Postgres server are answered at a time. As many connections are opened for them at
   * most, as many, up to four, for appends, one that derives, and one that listens. Default 4.
   */
  readonly connections?: number | undefined
  /**
   * How many seconds a Postgres server may take for a statement, and a statement may wait for a connection, both
   * together. Default 30.
   */
  readonly statementTimeout?: number | undefined
}

/** How many connections questions have where no number is named. */
export const connectionsByDefault = 4

/** A server has a hundred by default, for all of its clients. */
export const connectionsMax = 1000

/** The limit of a statement where none is named, in seconds. */
export const statementTimeoutByDefault = Duration.toSeconds(usual)

/** A day, in seconds: nobody waits longer for an answer. */
export const statementTimeoutMax = 86_400

/** What is given to open a database, once all of it is understood. */
export interface Settings {
  readonly location: DatabaseLocation.DatabaseLocation
  readonly schema: string
  readonly creates: boolean
  readonly connections: number
  readonly statementTimeout: Duration.Duration
}

const isWithin = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most

const wholeNumberTo = (most: number): string => `a whole number from 1 to ${most}`

/** Reads how a database is used, before anything is opened. */
export const read = (
  given: unknown,
  {
    schema = Schema.byDefault,
    creates = true,
    connections = connectionsByDefault,
    statementTimeout = statementTimeoutByDefault,
  }: Options = {},
): Result.Result<Settings, DatabaseError> =>
  Result.gen(function* () {
    const location = yield* DatabaseLocation.read(given)
    if (!Schema.isName(schema)) return yield* Result.fail(refused("schema", Schema.expected))
    if (!isWithin(connections, connectionsMax)) {
      return yield* Result.fail(refused("connections", wholeNumberTo(connectionsMax)))
    }
    if (!isWithin(statementTimeout, statementTimeoutMax)) {
      return yield* Result.fail(refused("statementTimeout", wholeNumberTo(statementTimeoutMax)))
    }
    const limit = Duration.seconds(statementTimeout)
    return { location, schema, creates, connections, statementTimeout: limit }
  })
