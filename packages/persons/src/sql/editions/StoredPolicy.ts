import { Effect, Result } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { PersonsError } from "../../PersonsError.ts"

const decode = (text: string) => PolicyChange.decodePolicy(ExactJson.parse(text))

/** A stored policy; undefined where what is stored is none. */
export const find = (text: string): Policy | undefined =>
  Result.getOrElse(decode(text), () => undefined)

/** Reads the policy of a row. Only we write it, so another form stops its project, and a rebuild derives it again. */
export const read = Effect.fnUntraced(function* (
  project: ProjectId,
  table: "checkpoints" | "policies",
  text: string,
) {
  const decoded = decode(text)
  if (Result.isSuccess(decoded)) return decoded.success
  const { schema } = yield* SchemaClient
  const { field, expected } = decoded.failure
  const cause = new Error(
    `the column policy of ${schema}.${table} has no policy for project ${project} (${field}: expected ${expected}). ` +
      `"onymous rebuild --project ${project}" derives it again from the log.`,
  )
  return yield* new PersonsError({ reason: { _tag: "Stopped", project, cause } })
})
