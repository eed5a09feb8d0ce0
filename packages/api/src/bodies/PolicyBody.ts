import { Result, Schema } from "effect"
import { isObject } from "@onymous/identity/encoding/Json"
import { shownAs } from "@onymous/identity/encoding/JsonField"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as PolicyChanges from "@onymous/identity/policy/PolicyChange"
import * as LogBody from "./LogBody.ts"

const isPolicyChange = (value: unknown): value is Policy.PolicyChange =>
  Result.isSuccess(PolicyChanges.decode(value))

/** Fields of a policy. The policy's own decoder reads them, so that errors name the field. */
export const PolicyChange = Schema.Unknown.check(
  Schema.makeFilter((value) => {
    if (!isObject(value)) return "fields of a policy"
    const read = PolicyChanges.decode(value)
    if (Result.isSuccess(read)) return undefined
    const { field, expected } = read.failure
    return { path: [field], issue: expected }
  }, shownAs(PolicyChanges.Change)),
).pipe(Schema.refine(isPolicyChange))

/**
 * Changes the policy from here on; a body that names no field is refused, because it would change
 * nothing.
 */
export const PolicyBody = LogBody.of(
  PolicyChange.check(
    Schema.makeFilter((change) => Object.keys(change).length > 0 || "at least one setting"),
  ),
)
