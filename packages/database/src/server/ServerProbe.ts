import { PgConnection } from "@effect/sql-pg"
import { Duration, Effect, type Scope } from "effect"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { codeOf, innermostText } from "../ErrorText.ts"

/** How sessions of a server are opened, without a time limit and settings of ours. */
export type Way = PgConnection.Config

/** A server, and how it is reached. */
export interface Reached {
  readonly way: Way
  /** A server that cannot encrypt is spoken to all the same. */
  readonly isOptional: boolean
}

/** The facts about a server, and about the way to it, that decide how it can be used. */
export interface ServerFacts {
  readonly way: Way
  /** True where a pooler gives each transaction another session, so that session state is lost in between. */
  readonly isPooled: boolean
  readonly encoding: string
  readonly role: string
  /** The connection limit of the role; negative for none. */
  readonly connectionsMax: number
}

/** True where settings were refused, as poolers do, which know few of them. */
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
  settings: Readonly<Record<string, string>> | undefined,
): Opened =>
  PgConnection.make({ ...way, startupParameters: { ...way.startupParameters, ...settings } }).pipe(
    Effect.map((session) => ({ session, way, takesSettings: settings !== undefined })),
    Effect.catch((error) => {
      if (isOptional && isWithoutTls(error)) {
        return open({ ...way, ssl: false }, false, settings)
      }
      return settings !== undefined && isRefusedSetting(error)
        ? open(way, isOptional, undefined)
        : Effect.fail(error)
    }),
  )

const facts = `select pg_backend_pid() as pid, pg_encoding_to_char(encoding) as encoding,
    quote_ident(current_user) as role,
    coalesce((select rolconnlimit from pg_roles where rolname = current_user and not rolsuper), -1)
      as connections
  from pg_database where datname = current_database()`

/** The settings of a new session, and the time limit of its start. */
interface Start {
  readonly settings: Readonly<Record<string, string>>
  readonly limit: Duration.Duration
}

/** Gives up a server that takes connections and does not answer. */
const limited = <A>(effect: Effect.Effect<A, SqlError>, limit: Duration.Duration) =>
  Effect.timeoutOrElse(effect, {
    duration: limit,
    orElse: () => {
      const cause = new Error(`It says nothing for ${Duration.toSeconds(limit)} s.`)
      return new SqlError({ reason: new ConnectionError({ cause, operation: "connect" }) })
    },
  })

const ask = Effect.fnUntraced(function* (
  server: Reached,
  settings: Readonly<Record<string, string>>,
) {
  const { session, way, takesSettings } = yield* open(server.way, server.isOptional, settings)
  const { rows } = yield* session.query(facts, [], false)
  const row = rows[0] ?? {}
  const found: ServerFacts = {
    way,
    isPooled: !takesSettings || way.prepare === false || Number(row["pid"]) !== session.processId,
    encoding: String(row["encoding"]),
    role: String(row["role"]),
    connectionsMax: Number(row["connections"]),
  }
  return found
}, Effect.scoped)

/**
 * Reads the facts about a server in one session, which is then closed. A pooler shows where the process that answers
 * is not the one that was named at the start of the session.
 */
export const look = (
  server: Reached,
  { settings, limit }: Start,
): Effect.Effect<ServerFacts, SqlError> => limited(ask(server, settings), limit)
