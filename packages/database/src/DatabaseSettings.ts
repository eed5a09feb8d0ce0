import { Duration, Result } from "effect"
import { type DatabaseError, refused } from "./DatabaseError.ts"
import * as DatabaseLocation from "./DatabaseLocation.ts"
import * as Schema from "./Schema.ts"
import { usual } from "./sql/StatementLimit.ts"

/** How a database is opened. */
export interface Options {
  /** The schema of all our tables. Default `onymous`. */
  readonly schema?: string | undefined
  /** False refuses a database that does not exist yet, instead of making it. Default true. */
  readonly creates?: boolean | undefined
  /** False refuses tables of another version, instead of changing them. Default true. */
  readonly migrates?: boolean | undefined
  /**
   * How many questions a Postgres server answers at a time. They take at most this many connections; appends take
   * as many, up to four; derivation and LISTEN take one each. Default 4.
   */
  readonly connections?: number | undefined
  /** How many seconds a statement may take on a Postgres server, its wait for a connection included. Default 30. */
  readonly statementTimeout?: number | undefined
}

/** The default of `connections`. */
export const connectionsByDefault = 4

/** The largest number of connections; a server has a hundred by default, for all of its clients. */
export const connectionsMax = 1000

/** The default of `statementTimeout`, in seconds. */
export const statementTimeoutByDefault = Duration.toSeconds(usual)

/** The largest `statementTimeout`: a day, in seconds. */
export const statementTimeoutMax = 86_400

/** How a database is used, once all of it is understood. */
export interface Use {
  readonly schema: string
  readonly creates: boolean
  readonly connections: number
  readonly statementTimeout: Duration.Duration
}

/** What is given to open a database, once all of it is understood. */
export interface Settings extends Use {
  readonly location: DatabaseLocation.DatabaseLocation
}

const isWithin = (value: number, most: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= most

const wholeNumberTo = (most: number): string => `a whole number from 1 to ${most}`

/** Reads how a database is used. */
export const readUse = ({
  schema = Schema.byDefault,
  creates = true,
  connections = connectionsByDefault,
  statementTimeout = statementTimeoutByDefault,
}: Options = {}): Result.Result<Use, DatabaseError> => {
  if (!Schema.isName(schema)) return Result.fail(refused("schema", Schema.expected))
  if (!isWithin(connections, connectionsMax)) {
    return Result.fail(refused("connections", wholeNumberTo(connectionsMax)))
  }
  if (!isWithin(statementTimeout, statementTimeoutMax)) {
    return Result.fail(refused("statementTimeout", wholeNumberTo(statementTimeoutMax)))
  }
  const limit = Duration.seconds(statementTimeout)
  return Result.succeed({ schema, creates, connections, statementTimeout: limit })
}

/** Reads where a database is and how it is used, before anything is opened. */
export const read = (given: unknown, options?: Options): Result.Result<Settings, DatabaseError> =>
  Result.gen(function* () {
    const location = yield* DatabaseLocation.read(given)
    return { location, ...(yield* readUse(options)) }
  })
