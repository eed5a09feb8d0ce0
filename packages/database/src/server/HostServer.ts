import type { PgClient, PgConnection } from "@effect/sql-pg"
import { Redacted } from "effect"
import { types } from "../sql/PgCodecs.ts"
import type { Server } from "./PostgresServer.ts"

/** What of an address may be told: where a text is no URL, any part of it may be secret. */
const addressIn = (url: string): string => {
  if (!URL.canParse(url)) return "the address of the client that was given"
  const { host, pathname, searchParams } = new URL(url)
  return `${searchParams.get("host") ?? host}${pathname}`
}

const addressOf = (config: PgClient.PgClientConfig): string => {
  const { url, host, path, port = 5432, username = "postgres", database = username } = config
  if (url !== undefined && host === undefined) return addressIn(Redacted.value(url))
  return path === undefined ? `${host ?? "localhost"}:${port}/${database}` : `${path}/${database}`
}

/** How a client reaches its server, with all that it says to be let in, and none of what it makes of the answers. */
const wayOf = (config: PgClient.PgClientConfig): PgConnection.Config => {
  const { url, host, port, path, ssl, database, username, password, stream } = config
  const { connectTimeout, prepare, startupParameters, startupOptions, maxMessageSize } = config
  const place = { url, host, port, path, ssl, database, username, password, stream }
  return {
    ...place,
    connectTimeout,
    prepare,
    startupParameters,
    startupOptions,
    maxMessageSize,
    types,
  }
}

/** The server of a client that somebody else has made, reached as that client reaches it. */
export const of = ({ config }: PgClient.PgClient): Server => ({
  address: addressOf(config),
  way: wayOf(config),
  // A client that encrypts only where the server can says so in its URL, which the driver reads.
  isOptional: false,
})
