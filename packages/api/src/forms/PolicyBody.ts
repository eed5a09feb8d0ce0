import { Result, Schema } from "effect"
import { isObject } from "@onymous/identity/encoding/Json"
import { shownAs } from "@onymous/identity/encoding/JsonField"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChanges from "@onymous/identity/policy/PolicyChange"
import * as LogBody from "./LogBody.ts"

const isPolicyChange = (value: unknown): value is Policy.PolicyChange =>
  Result.isSuccess(PolicyChanges.decode(value))

/** Fields of a policy: what is wrong is told by the field, as the policy's own decoder tells it. */
export const PolicyChange = Schema.Unknown.check(
  Schema.makeFilter((value) => {
    if (!isObject(value)) return "fields of a policy"
    const read = PolicyChanges.decode(value)
    if (Result.isSuccess(read)) return undefined
    const { field, expected } = read.failure
    return { path: [field], issue: expected }
  }, shownAs(PolicyChanges.Change)),
).pipe(Schema.refine(isPolicyChange))

/** Changes the rules from here on: one that names no field would change none. */
export const PolicyBody = LogBody.of(
  PolicyChange.check(
    Schema.makeFilter((change) => Object.keys(change).length > 0 || "at least one setting"),
  ),
)
