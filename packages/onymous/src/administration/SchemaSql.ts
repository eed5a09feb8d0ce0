import { Effect, Schema } from "effect"
import * as MigrationScript from "@onymous/database/MigrationScript"
import * as SchemaName from "@onymous/database/Schema"
import { told } from "@onymous/identity/encoding/JsonField"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import { migrations as personsMigrations } from "@onymous/persons/sql/PersonsMigrations"
import * as Shape from "../inputs/InputShape.ts"

/** The schema to make, and who uses it. */
export interface SchemaSqlInput {
  /** Default `onymous`. */
  readonly schema?: string | undefined
  /** The role that opens Onymous with `migrate: "check"`; without one nobody is granted anything. */
  readonly role?: string | undefined
}

const isSchema = (value: unknown): value is string =>
  typeof value === "string" && SchemaName.isName(value)

const check = Shape.checkOf({
  schema: Schema.optional(told(Schema.Unknown, SchemaName.expected, isSchema)),
  role: Schema.optional(Shape.text),
})

/**
 * The SQL that makes all tables of this version in a database that has none of them, and grants a role what Onymous
 * needs: for an administrator of the database, whose role may create where that of Onymous may not.
 */
export const schemaSql = (input: SchemaSqlInput = {}): string => {
  check(input)
  const { schema = SchemaName.byDefault, role } = input
  return Effect.runSync(
    MigrationScript.scriptOf({ schema, role }, logMigrations, personsMigrations),
  )
}
