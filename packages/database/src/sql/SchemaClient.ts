import type { PgClient } from "@effect/sql-pg"
import { Context } from "effect"
import type { SqlClient, Statement } from "effect/sql"

/** The names in our schema. */
export interface Names {
  readonly schema: string
  /** A table, sequence or partition of ours with its schema, so that no session needs a search path. */
  readonly ours: (name: string) => Statement.Identifier
  /** The same as a text, for functions that take a name as text. */
  readonly nameOf: (name: string) => string
  /** The clients in whose transactions its statements are: itself, and that of a host. */
  readonly transacting: ReadonlyArray<SqlClient.SqlClient>
}

/** A client that knows the schema of our tables. */
export class SchemaClient extends Context.Service<SchemaClient, PgClient.PgClient & Names>()(
  "@onymous/database/SchemaClient",
) {}

export type Sql = SchemaClient["Service"]

/** A client with our tables in a schema. */
export const of = (client: PgClient.PgClient, schema: string, host?: SqlClient.SqlClient): Sql =>
  Object.assign(client, {
    schema,
    ours: (name: string) => client(`${schema}.${name}`),
    nameOf: (name: string) => `${schema}.${name}`,
    transacting: host === undefined ? [client] : [client, host],
  })
