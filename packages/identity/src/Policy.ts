import { Result, Schema } from "effect"
import type { Json } from "./Json.ts"

const Texts = Schema.Array(Schema.String)

/** The rules of a project, as data (SPEC §1). */
export const Policy = Schema.Struct({
  preset: Schema.Literals(["page", "posthog"]),
  /** Ids that never take part in a merge, whatever their case (P12). */
  illegal_ids_any_case: Texts,
  /** Ids that never take part in a merge, in exactly this case (P12). */
  illegal_ids_exact: Texts,
  /** Quoted forms of those are illegal too (P13). */
  quoted_ids_illegal: Schema.Boolean,
  /** Ids with NUL or of more than 400 code points are illegal too (P15). */
  unusable_ids_illegal: Schema.Boolean,
  /** Merging an identified source into a target never seen (P7; the page refuses). */
  identified_source_new_target: Schema.Literals(["refuse", "attach"]),
  /** `$merge_dangerously` merges, whatever is identified; otherwise it is an ordinary event (P1). */
  merge_dangerously: Schema.Boolean,
  /** An `$anon_distinct_id` that is null, 0, false or empty (P1). */
  empty_anon_distinct_id: Schema.Literals(["ignore", "stringify"]),
  /** The version of a merged person: one more than the target's, or than the higher of both (P9). */
  merged_version: Schema.Literals(["target", "highest"]),
  /** Which event properties are copied to the person (P30). */
  property_mapping: Schema.Literals(["none", "2022", "today"]),
  /** `$unset` takes keys that the same event sets, also on creation (P6, P26). */
  unset_applies_last: Schema.Boolean,
  /** `$unset` may be an object, whose keys count (P26). */
  unset_takes_object: Schema.Boolean,
  /** The most that a person's properties may take, as UTF-8 bytes of JSON (P33). */
  person_properties_bytes_max: Schema.Int,
  /** Whether events of unknown ids wait (SPEC §4). Taken and kept; nothing waits yet. */
  buffer_enabled: Schema.Boolean,
})

export type Policy = typeof Policy.Type

/** Some fields of a policy, to be changed; `preset` first sets all the others. */
export type PolicyChange = { readonly [K in keyof Policy]?: Policy[K] }

const illegal = {
  illegal_ids_any_case:
    "anonymous guest distinctid distinct_id id not_authenticated email undefined true false".split(
      " ",
    ),
  illegal_ids_exact: ["[object Object]", "NaN", "None", "none", "null", "0"],
  person_properties_bytes_max: 655_360,
}

/** PostHog's page of October 2022, read strictly: the default. */
export const page: Policy = {
  ...illegal,
  preset: "page",
  quoted_ids_illegal: false,
  unusable_ids_illegal: false,
  identified_source_new_target: "refuse",
  merge_dangerously: false,
  empty_anon_distinct_id: "ignore",
  merged_version: "target",
  property_mapping: "2022",
  unset_applies_last: true,
  unset_takes_object: false,
  buffer_enabled: true,
}

/** What PostHog does today. */
export const posthog: Policy = {
  ...illegal,
  preset: "posthog",
  quoted_ids_illegal: true,
  unusable_ids_illegal: true,
  identified_source_new_target: "attach",
  merge_dangerously: true,
  empty_anon_distinct_id: "stringify",
  merged_version: "highest",
  property_mapping: "today",
  unset_applies_last: false,
  unset_takes_object: true,
  buffer_enabled: false,
}

/** The presets by name. */
export const presets = { page, posthog }

/** A policy after a change. */
export const change = (policy: Policy, wanted: PolicyChange): Policy => ({
  ...(wanted.preset === undefined ? policy : presets[wanted.preset]),
  ...wanted,
})

const Change = Schema.Struct({
  preset: Schema.optionalKey(Policy.fields.preset),
  illegal_ids_any_case: Schema.optionalKey(Texts),
  illegal_ids_exact: Schema.optionalKey(Texts),
  quoted_ids_illegal: Schema.optionalKey(Schema.Boolean),
  unusable_ids_illegal: Schema.optionalKey(Schema.Boolean),
  identified_source_new_target: Schema.optionalKey(Policy.fields.identified_source_new_target),
  merge_dangerously: Schema.optionalKey(Schema.Boolean),
  empty_anon_distinct_id: Schema.optionalKey(Policy.fields.empty_anon_distinct_id),
  merged_version: Schema.optionalKey(Policy.fields.merged_version),
  property_mapping: Schema.optionalKey(Policy.fields.property_mapping),
  unset_applies_last: Schema.optionalKey(Schema.Boolean),
  unset_takes_object: Schema.optionalKey(Schema.Boolean),
  person_properties_bytes_max: Schema.optionalKey(Schema.Int),
  buffer_enabled: Schema.optionalKey(Schema.Boolean),
})

const decodeChange = Schema.decodeUnknownResult(Change, { onExcessProperty: "error" })

/** Reads a policy change; an unknown field or a wrong value is refused by the field's name. */
export const decode = (value: Json): Result.Result<PolicyChange, string> =>
  Result.mapError(decodeChange(value), (error) => error.message)

const decodeWhole = Schema.decodeUnknownResult(Policy)

/** Reads a whole policy, as a checkpoint keeps it. */
export const decodePolicy = (value: unknown): Result.Result<Policy, string> =>
  Result.mapError(decodeWhole(value), (error) => error.message)

const quoted = /^(["'])(.*)\1$/s

const isListed = (policy: Policy, id: string): boolean =>
  policy.illegal_ids_exact.includes(id) || policy.illegal_ids_any_case.includes(id.toLowerCase())

/** True for an id that never takes part in a merge (SPEC §1, P12–P15). */
export const isIllegal = (policy: Policy, id: string): boolean => {
  if (id.trim() === "" || isListed(policy, id)) return true
  if (policy.unusable_ids_illegal && (id.includes("\uFFFD") || id.length > 400)) {
    // A NUL was made U+FFFD at the door.
    if (id.includes("\uFFFD") || [...id].length > 400) return true
  }
  const inner = policy.quoted_ids_illegal ? quoted.exec(id)?.[2] : undefined
  return inner !== undefined && isListed(policy, inner)
}
