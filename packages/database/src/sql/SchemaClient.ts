import type { PgClient } from "@effect/sql-pg"
import { Context } from "effect"
import type { Statement } from "effect/sql"

/** The names of a schema, which holds all that is ours in somebody's database. */
export interface Names {
  readonly schema: string
  /** A table, sequence or partition of ours, as it stands in a statement: no session has to know the schema. */
  readonly ours: (name: string) => Statement.Identifier
  /** The same as a text, for functions that take a name as one. */
  readonly nameOf: (name: string) => string
}

/** A client that names what is ours together with its schema. */
export class SchemaClient extends Context.Service<SchemaClient, PgClient.PgClient & Names>()(
  "@onymous/database/SchemaClient",
) {}

export type Sql = SchemaClient["Service"]

/** A client for which our names lie in a schema. */
export const of = (client: PgClient.PgClient, schema: string): Sql =>
  Object.assign(client, {
    schema,
    ours: (name: string) => client(`${schema}.${name}`),
    nameOf: (name: string) => `${schema}.${name}`,
  })
