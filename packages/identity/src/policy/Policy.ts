import { Result, Schema, SchemaIssue, Struct } from "effect"
import { get, isObject, type Json } from "../encoding/Json.ts"
import * as SafePattern from "./SafePattern.ts"
import * as PropertyFilter from "./PropertyFilter.ts"

const Texts = Schema.Array(Schema.String)

const atLeast = (minimum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum: 1_000_000_000 })))

/** The most patterns that a project may add: every merge asks them all. */
const patternsMax = 100

const PatternText = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter(
      (text) => SafePattern.isPattern(text) || "a pattern as RE2 writes it, neither long nor large",
    ),
  ),
)

/** What a guard does (SPEC §6): nothing, warn of what it would refuse, or refuse. */
export const GuardMode = Schema.Literals(["off", "observe", "enforce"])

export type GuardMode = typeof GuardMode.Type

/** The rules of a project, as data (SPEC §1). */
export const Policy = Schema.Struct({
  preset: Schema.Literals(["page", "posthog"]),
  /** Ids that never take part in a merge, whatever their case (P12). */
  illegal_ids_any_case: Texts,
  /** Ids that never take part in a merge, in exactly this case (P12). */
  illegal_ids_exact: Texts,
  /** The project's own additions, in exactly this case. */
  own_illegal_ids: Texts,
  /** Patterns (RE2) of further ones; one is illegal where a part of it matches. */
  own_illegal_patterns: Schema.Array(PatternText).pipe(
    Schema.check(Schema.isMaxLength(patternsMax)),
  ),
  /** Quoted forms of listed ids are illegal too (P13). */
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
  /** Whether events of unknown ids wait for an event that merges (SPEC §4, P45). */
  buffer_enabled: Schema.Boolean,
  /** How long they wait, in seconds. */
  buffer_window_seconds: atLeast(1),
  /** Whether `$process_person_profile: false` is heeded (P39–P41). */
  personless_events: Schema.Boolean,
  /** All events are personless, whatever they say (P42). */
  person_processing_opt_out: Schema.Boolean,
  /** Which event properties are copied to the person (P30). */
  property_mapping: Schema.Literals(["none", "2022", "today"]),
  /** Changes of keys that SDKs send by themselves do not make a new version alone (P29). */
  filtered_keys: Schema.Boolean,
  /** `$exception` and `$$heatmap` never update a person, `$groupidentify` never sets anything (P28). */
  events_without_updates: Schema.Boolean,
  /** `$unset` takes keys that the same event sets, also on creation (P6, P26). */
  unset_applies_last: Schema.Boolean,
  /** `$unset` may be an object, whose keys count (P26). */
  unset_takes_object: Schema.Boolean,
  /** When an event happened: of timestamp and offset, which counts, and how far ahead (P50–P53). */
  timestamp_rules: Schema.Literals(["2022", "today"]),
  /** Where capture looks for `distinct_id` first, and which are blank (posthog.md §7.3). */
  distinct_id_precedence: Schema.Literals(["2022", "today"]),
  /** A split without a main id takes the properties of the person that remains (P56). */
  split_wipes_properties: Schema.Boolean,
  /** The most that a person's properties may take, as UTF-8 bytes of JSON (P33). */
  person_properties_bytes_max: atLeast(2),
  /** Too many distinct ids in one person (SPEC §6). */
  guard_ids_per_person: GuardMode,
  guard_ids_per_person_max: atLeast(1),
  /** Too many distinct ids that join one person within an hour. */
  guard_new_ids_per_hour: GuardMode,
  guard_new_ids_per_hour_max: atLeast(1),
  /** An id that turned up in too many refusals. */
  guard_refusals_per_id: GuardMode,
  guard_refusals_per_id_max: atLeast(1),
  /** A merge of two persons that are both identified. */
  guard_identified_parts: GuardMode,
  /** What holds of users who are not the project's own people: queries may ask for them alone (SPEC §7). */
  internal_users: Schema.Array(PropertyFilter.PropertyFilter).pipe(
    Schema.check(Schema.isMaxLength(PropertyFilter.filtersMax)),
  ),
})

export type Policy = typeof Policy.Type

/** Some fields of a policy, to be changed; `preset` first sets all the others. */
export type PolicyChange = { readonly [K in keyof Policy]?: Policy[K] }

/** The same policy with its fields in the order of the schema: equal policies are equal as JSON too. */
const inOrder = Schema.decodeSync(Policy)

const common = {
  illegal_ids_any_case:
    "anonymous guest distinctid distinct_id id not_authenticated email undefined true false".split(
      " ",
    ),
  illegal_ids_exact: ["[object Object]", "NaN", "None", "none", "null", "0"],
  own_illegal_ids: [],
  own_illegal_patterns: [],
  buffer_window_seconds: 60,
  person_processing_opt_out: false,
  person_properties_bytes_max: 655_360,
  guard_ids_per_person: "off",
  guard_ids_per_person_max: 1000,
  guard_new_ids_per_hour: "off",
  guard_new_ids_per_hour_max: 100,
  guard_refusals_per_id: "off",
  guard_refusals_per_id_max: 10,
  guard_identified_parts: "off",
  internal_users: [],
} as const

/** PostHog's page of October 2022, read strictly: the default. */
export const page: Policy = inOrder({
  ...common,
  preset: "page",
  quoted_ids_illegal: false,
  unusable_ids_illegal: false,
  identified_source_new_target: "refuse",
  merge_dangerously: false,
  empty_anon_distinct_id: "ignore",
  merged_version: "target",
  buffer_enabled: true,
  personless_events: false,
  property_mapping: "2022",
  filtered_keys: false,
  events_without_updates: false,
  unset_applies_last: true,
  unset_takes_object: false,
  timestamp_rules: "2022",
  distinct_id_precedence: "2022",
  split_wipes_properties: true,
})

/** What PostHog does today. */
export const posthog: Policy = inOrder({
  ...common,
  preset: "posthog",
  quoted_ids_illegal: true,
  unusable_ids_illegal: true,
  identified_source_new_target: "attach",
  merge_dangerously: true,
  empty_anon_distinct_id: "stringify",
  merged_version: "highest",
  buffer_enabled: false,
  personless_events: true,
  property_mapping: "today",
  filtered_keys: true,
  events_without_updates: true,
  unset_applies_last: false,
  unset_takes_object: true,
  timestamp_rules: "today",
  distinct_id_precedence: "today",
  split_wipes_properties: false,
})

/** The presets by name. */
export const presets = { page, posthog }

/** A policy after a change. */
export const change = (policy: Policy, wanted: PolicyChange): Policy => ({
  ...(wanted.preset === undefined ? policy : presets[wanted.preset]),
  ...wanted,
})

/** Why a value is not a policy: the field, and what was expected there. */
export interface InvalidField {
  readonly field: string
  readonly expected: string
}

/** A change of a policy, as a schema: every field may be left out. */
export const Change = Policy.mapFields(Struct.map(Schema.optionalKey))

const decodeChange = Schema.decodeUnknownResult(Change, { onExcessProperty: "error" })

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const toInvalid = (issue: SchemaIssue.Issue): InvalidField => {
  const [first] = format(issue).issues
  const path = (first?.path ?? []).map((part) => (typeof part === "object" ? part.key : part))
  const message = first?.message.replace(/^Expected /, "") ?? "a policy"
  const isUnknown = message === "no excess property"
  const field = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
  return {
    field: field.join("").slice(1) || "policy",
    expected: isUnknown ? "no such field" : message,
  }
}

/** Reads a policy change; an unknown field or a wrong value is refused by the field's name. */
export const decode = (value: Json): Result.Result<PolicyChange, InvalidField> =>
  Result.mapError(decodeChange(value), (error) => {
    const invalid = toInvalid(error.issue)
    const isFilter = isObject(value) && invalid.field.startsWith(PropertyFilter.setting)
    // Filters explain themselves better than their schema does.
    const filters = isFilter ? PropertyFilter.decode(get(value, PropertyFilter.setting)) : undefined
    return filters !== undefined && Result.isFailure(filters) ? filters.failure : invalid
  })

const decodeWhole = Schema.decodeUnknownResult(Policy)

const decodePreset = Schema.decodeUnknownResult(Schema.Struct({ preset: Policy.fields.preset }))

/**
 * Reads a whole policy, as a checkpoint keeps it; a field that it lacks, since it was written before
 * there was one, is that of its preset.
 */
export const decodePolicy = (value: unknown): Result.Result<Policy, InvalidField> =>
  Result.flatMap(decodePreset(value), ({ preset }) =>
    decodeWhole({ ...presets[preset], ...(typeof value === "object" && value) }),
  ).pipe(Result.mapError((error) => toInvalid(error.issue)))

/** What two settings of a policy make of each other that nobody can want. */
export const contradictionOf = (policy: Policy): InvalidField | undefined =>
  policy.person_processing_opt_out && !policy.personless_events
    ? {
        field: "person_processing_opt_out",
        expected: "false where personless_events is: it would have no effect",
      }
    : undefined

const quoted = /^(["'])(.*)\1$/s

const isListed = (policy: Policy, id: string): boolean =>
  policy.illegal_ids_exact.includes(id) || policy.illegal_ids_any_case.includes(id.toLowerCase())

const isOwn = (policy: Policy, id: string): boolean =>
  policy.own_illegal_ids.includes(id) ||
  policy.own_illegal_patterns.some((pattern) => SafePattern.isIn(pattern, id))

/** True for an id that never takes part in a merge (SPEC §1, P12–P15). */
export const isIllegal = (policy: Policy, id: string): boolean => {
  if (id.trim() === "" || isListed(policy, id) || isOwn(policy, id)) return true
  if (policy.unusable_ids_illegal && (id.includes("\uFFFD") || id.length > 400)) {
    // A NUL was made U+FFFD at the door.
    if (id.includes("\uFFFD") || [...id].length > 400) return true
  }
  const inner = policy.quoted_ids_illegal ? quoted.exec(id)?.[2] : undefined
  return inner !== undefined && isListed(policy, inner)
}
