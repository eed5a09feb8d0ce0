import { Schema } from "effect"
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
