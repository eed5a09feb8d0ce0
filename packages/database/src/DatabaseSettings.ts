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
   * The largest number of connections to a Postgres server, of all kinds together: one listens, one derives,
   * half of the others, up to four, append, and the rest answer questions, one at a time each. Default 10, at least 4.
   */
  readonly connections?: number | undefined
  /**
   * The milliseconds that a statement may take on a Postgres server, its wait for a connection included. Default 30,000.
   */
  readonly statementTimeout?: number | undefined
}

/** The default of `connections`. */
export const connectionsByDefault = 10

/** The smallest `connections`: one listens, one derives, one appends, and one answers. */
export const connectionsMin = 4

/** The largest number of connections; a server has a hundred by default, for all of its clients. */
export const connectionsMax = 1000

/** The smallest `statementTimeout`: a second, because a smaller number was meant as seconds. */
export const statementTimeoutMin: Duration.Duration = Duration.seconds(1)

/** The largest `statementTimeout`: a day. */
export const statementTimeoutMax: Duration.Duration = Duration.days(1)

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

/** Refuses what is no whole number within bounds. */
const checkWithin = (
  field: string,
  value: number,
  {
    least,
    most,
    unit = "",
  }: { readonly least: number; readonly most: number; readonly unit?: string },
): Result.Result<void, DatabaseError> =>
  Number.isInteger(value) && value >= least && value <= most
    ? Result.void
    : Result.fail(refused(field, `a whole number${unit} from ${least} to ${most}`))

const connectionsWithin = { least: connectionsMin, most: connectionsMax }

const timeoutWithin = {
  least: Duration.toMillis(statementTimeoutMin),
  most: Duration.toMillis(statementTimeoutMax),
  unit: " of milliseconds",
}

/** Reads how a database is used. */
export const readUse = ({
  schema = Schema.byDefault,
  creates = true,
  connections = connectionsByDefault,
  statementTimeout = Duration.toMillis(usual),
}: Options = {}): Result.Result<Use, DatabaseError> =>
  Result.gen(function* () {
    if (!Schema.isName(schema)) return yield* Result.fail(refused("schema", Schema.expected))
    yield* checkWithin("connections", connections, connectionsWithin)
    yield* checkWithin("statementTimeout", statementTimeout, timeoutWithin)
    return { schema, creates, connections, statementTimeout: Duration.millis(statementTimeout) }
  })

/** Reads where a database is and how it is used, before anything is opened. */
export const read = (given: unknown, options?: Options): Result.Result<Settings, DatabaseError> =>
  Result.gen(function* () {
    const location = yield* DatabaseLocation.read(given)
    return { location, ...(yield* readUse(options)) }
  })
