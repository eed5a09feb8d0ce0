import { PgConnection } from "@effect/sql-pg"
import { Duration, Effect, type Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { codeOf, innermostText } from "../ErrorText.ts"
import type { ServerUrl } from "./ServerUrl.ts"

/** How sessions of a server are opened, without a time limit and settings of their own. */
export type Way = Pick<PgConnection.Config, "url" | "ssl" | "connectTimeout" | "types">

/** What a server, and the way to it, let us do. */
export interface Found {
  readonly way: Way
  /** A pooler is on the way, and gives each transaction another session: nothing is kept from one to the next. */
  readonly isPooled: boolean
  readonly encoding: string
  readonly role: string
  /** How many connections the role may have; negative where there is no limit. */
  readonly connectionsMax: number
}

/** Postgres takes all settings that it has; a pooler knows few of them. */
const isRefusedSetting = (error: SqlError): boolean =>
  codeOf(error) === "08P01" && /startup parameter/i.test(innermostText(error))

const isWithoutTls = (error: SqlError): boolean => /does not support TLS/.test(innermostText(error))

type Opened = Effect.Effect<
  {
    readonly session: PgConnection.PgConnection
    readonly way: Way
    readonly takesSettings: boolean
  },
  SqlError,
  Scope.Scope
>

const open = (
  way: Way,
  isOptional: boolean,
  startupParameters: Readonly<Record<string, string>> | undefined,
): Opened =>
  PgConnection.make({ ...way, startupParameters }).pipe(
    Effect.map((session) => ({ session, way, takesSettings: startupParameters !== undefined })),
    Effect.catch((error) => {
      if (isOptional && isWithoutTls(error)) {
        return open({ ...way, ssl: false }, false, startupParameters)
      }
      return startupParameters !== undefined && isRefusedSetting(error)
        ? open(way, isOptional, undefined)
        : Effect.fail(error)
    }),
  )

const facts = `select pg_backend_pid() as pid, pg_encoding_to_char(encoding) as encoding,
    quote_ident(current_user) as role,
    coalesce((select rolconnlimit from pg_roles where rolname = current_user and not rolsuper), -1)
      as connections
  from pg_database where datname = current_database()`

/** With which settings a session begins, and how long that may take. */
interface Start {
  readonly settings: Readonly<Record<string, string>>
  readonly limit: Duration.Duration
}

/** Gives up a server that takes connections and says nothing. */
const limited = <A>(effect: Effect.Effect<A, SqlError>, limit: Duration.Duration) =>
  Effect.timeoutOrElse(effect, {
    duration: limit,
    orElse: () => {
      const cause = new Error(`It says nothing for ${Duration.toSeconds(limit)} s.`)
      return new SqlError({ reason: new ConnectionError({ cause, operation: "connect" }) })
    },
  })

const ask = Effect.fnUntraced(function* (
  { url, ssl, isOptional }: ServerUrl,
  shared: Omit<Way, "url" | "ssl">,
  settings: Readonly<Record<string, string>>,
) {
  const { session, way, takesSettings } = yield* open({ ...shared, url, ssl }, isOptional, settings)
  const { rows } = yield* session.query(facts, [], false)
  const row = rows[0] ?? {}
  const found: Found = {
    way,
    isPooled: !takesSettings || Number(row["pid"]) !== session.processId,
    encoding: String(row["encoding"]),
    role: String(row["role"]),
    connectionsMax: Number(row["connections"]),
  }
  return found
}, Effect.scoped)

/**
 * Finds out what a server lets us do, in one session that is closed again. A pooler gives its clients numbers of
 * their own: it is there where the process that answers is another one than was named at the start.
 */
export const look = (
  server: ServerUrl,
  shared: Omit<Way, "url" | "ssl">,
  { settings, limit }: Start,
): Effect.Effect<Found, SqlError> => limited(ask(server, shared, settings), limit)
