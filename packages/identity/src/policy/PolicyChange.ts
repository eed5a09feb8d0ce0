import { Result, Schema, Struct } from "effect"
import { get, isObject } from "../encoding/Json.ts"
import * as PropertyFilter from "./PropertyFilter.ts"
import { presets } from "./Presets.ts"
import type { Invalid } from "../encoding/Invalid.ts"
import { ofSchema } from "../schema/SchemaInvalid.ts"
import { Policy, type PolicyChange } from "./Policy.ts"

/** A policy change as a schema: every field is optional. */
export const Change = Policy.mapFields(Struct.map(Schema.optionalKey)).annotate({
  messageUnexpectedKey: "no such field",
  description: "Fields of the rules to change",
})

const decodeChange = Schema.decodeUnknownResult(Change, { onExcessProperty: "error" })

/** Reads a policy change; the error names the unknown field or the field with a wrong value. */
export const decode = (value: unknown): Result.Result<PolicyChange, Invalid> =>
  Result.mapError(decodeChange(value), (error) => {
    const invalid = ofSchema(error, "policy")
    const isFilter = isObject(value) && invalid.field.startsWith(PropertyFilter.setting)
    // The filters' own decoder says what is wrong more precisely than their schema.
    const filters = isFilter ? PropertyFilter.decode(get(value, PropertyFilter.setting)) : undefined
    return filters !== undefined && Result.isFailure(filters) ? filters.failure : invalid
  })

const decodeWhole = Schema.decodeUnknownResult(Policy)

const decodePreset = Schema.decodeUnknownResult(Schema.Struct({ preset: Policy.fields.preset }))

/**
 * Reads the policy of a checkpoint; a field newer than the checkpoint gets the value of the preset.
 */
export const decodePolicy = (value: unknown): Result.Result<Policy, Invalid> =>
  Result.flatMap(decodePreset(value), ({ preset }) =>
    decodeWhole({ ...presets[preset], ...(typeof value === "object" && value) }),
  ).pipe(Result.mapError((error) => ofSchema(error, "policy")))

/** The field that contradicts another setting of the policy, if one does. */
export const contradictionOf = (policy: Policy): Invalid | undefined =>
  policy.person_processing_opt_out && !policy.personless_events
    ? {
        field: "person_processing_opt_out",
        expected: "false where personless_events is: it would have no effect",
      }
    : undefined
