import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as Schema from "@onymous/database/Schema"
import { database } from "../../flags/DatabaseFlags.ts"
import { refusal } from "../../flags/Setting.ts"

const flags = {
  schema: database.schema,
  role: Flag.String("role").pipe(
    Flag.withDescription("Role that Onymous runs with, to be granted what it needs"),
    Flag.filter(
      (role) => role !== "",
      () => "the name of a role",
    ),
    Flag.optional,
  ),
}

export const schema = Command.make(
  "schema",
  flags,
  Effect.fn(function* ({ schema, role }) {
    if (Option.isSome(schema) && !Schema.isName(schema.value.text)) {
      return yield* refusal(schema.value, Schema.expected)
    }
    const { schemaSql } = yield* Effect.promise(() => import("onymous/administration/SchemaSql"))
    const sql = schemaSql({
      schema: Option.getOrUndefined(schema)?.text,
      role: Option.getOrUndefined(role),
    })
    yield* Console.log(sql.trimEnd())
  }),
).pipe(Command.withDescription("Print the SQL of the tables, for an administrator of Postgres"))
