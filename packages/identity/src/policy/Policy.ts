import { Schema } from "effect"
import * as Re2Pattern from "./Re2Pattern.ts"
import * as PropertyFilter from "./PropertyFilter.ts"

const Texts = Schema.Array(Schema.String)

const atLeast = (minimum: number) =>
  Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum, maximum: 1_000_000_000 })))

/** The most patterns of a project: every merge tries them all. */
const patternsMax = 100

const PatternText = Schema.String.pipe(
  Schema.check(
    Schema.makeFilter(
      (text) => Re2Pattern.isPattern(text) || "a pattern as RE2 writes it, neither long nor large",
    ),
  ),
)

/** The mode of a guard (SPEC §6): off, warn of what it would refuse, or refuse. */
export const GuardMode = Schema.Literals(["off", "observe", "enforce"])

export type GuardMode = typeof GuardMode.Type

/** The rules of a project, as data (SPEC §1). */
export const Policy = Schema.Struct({
  preset: Schema.Literals(["page", "posthog"]).annotate({
    description:
      "The rules that a project starts with; a change of it resets all other fields first",
  }),
  // P12.
  illegal_ids_any_case: Texts.annotate({
    description: "Ids that no merge accepts, in upper or lower case",
  }),
  // P12.
  illegal_ids_exact: Texts.annotate({
    description: "Ids that no merge accepts, in exactly this case",
  }),
  own_illegal_ids: Texts.annotate({
    description: "The project's own additions, in exactly this case",
  }),
  own_illegal_patterns: Schema.Array(PatternText)
    .pipe(Schema.check(Schema.isMaxLength(patternsMax)))
    .annotate({
      description: "RE2 patterns; an id is illegal where a pattern matches any part of it",
    }),
  // P13.
  quoted_ids_illegal: Schema.Boolean.annotate({
    description: "Quoted forms of listed ids are illegal too",
  }),
  // P15.
  unusable_ids_illegal: Schema.Boolean.annotate({
    description: "Ids with NUL or of more than 400 code points are illegal too",
  }),
  // P7.
  identified_source_new_target: Schema.Literals(["refuse", "attach"]).annotate({
    description: "Result of merging an identified source into an id without a person",
  }),
  // P1.
  merge_dangerously: Schema.Boolean.annotate({
    description:
      "`$merge_dangerously` merges identified persons too; if false, it is an ordinary event",
  }),
  // P1.
  empty_anon_distinct_id: Schema.Literals(["ignore", "stringify"]).annotate({
    description: "Reading of an `$anon_distinct_id` that is null, 0, false or empty",
  }),
  // P9.
  merged_version: Schema.Literals(["target", "target_if_changed", "highest"]).annotate({
    description:
      "The version of a merged person: one more than the target's, or that only where the merge changes something of the target, or one more than the higher of both",
  }),
  // SPEC §4, P45.
  buffer_enabled: Schema.Boolean.annotate({
    description: "Events of unknown ids wait for an event that merges the id",
  }),
  buffer_window_seconds: atLeast(1).annotate({ description: "The longest wait, in seconds" }),
  // P39–P41.
  personless_events: Schema.Boolean.annotate({
    description: "`$process_person_profile: false` makes an event personless",
  }),
  // P42.
  person_processing_opt_out: Schema.Boolean.annotate({ description: "All events are personless" }),
  // P30.
  property_mapping: Schema.Literals(["none", "2022", "today"]).annotate({
    description: "The event properties that are copied to the person",
  }),
  // P29.
  filtered_keys: Schema.Boolean.annotate({
    description: "A change of keys that SDKs send with every event makes no version of its own",
  }),
  // P28.
  events_without_updates: Schema.Boolean.annotate({
    description:
      "`$exception` and `$$heatmap` never update a person, `$groupidentify` never sets anything",
  }),
  // P6, P26.
  unset_applies_last: Schema.Boolean.annotate({
    description:
      "`$unset` removes keys that the same event sets, also where a merge creates the person",
  }),
  // P26.
  unset_takes_object: Schema.Boolean.annotate({
    description: "`$unset` may be an object; its keys count",
  }),
  // P50–P53.
  timestamp_rules: Schema.Literals(["2022", "today"]).annotate({
    description: "The rules for an event's time: timestamp or offset, and how far ahead",
  }),
  // posthog.md §7.3.
  distinct_id_precedence: Schema.Literals(["2022", "today"]).annotate({
    description:
      "The order in which capture looks for `distinct_id`, and the values that count as blank",
  }),
  // P56.
  split_wipes_properties: Schema.Boolean.annotate({
    description: "A split without a main id empties the properties of the person that remains",
  }),
  // P33.
  person_properties_bytes_max: atLeast(2).annotate({
    description: "The largest properties of a person, in UTF-8 bytes of JSON",
  }),
  // SPEC §6.
  guard_ids_per_person: GuardMode.annotate({
    description: "Stops a merge that would give one person too many distinct ids",
  }),
  guard_ids_per_person_max: atLeast(1).annotate({
    description: "The most distinct ids of one person",
  }),
  guard_new_ids_per_hour: GuardMode.annotate({
    description: "Stops a merge that would add too many distinct ids to one person within an hour",
  }),
  guard_new_ids_per_hour_max: atLeast(1).annotate({
    description: "The most distinct ids that join one person within an hour",
  }),
  guard_refusals_per_id: GuardMode.annotate({
    description: "Stops a merge of an id with too many refusals",
  }),
  guard_refusals_per_id_max: atLeast(1).annotate({ description: "The most refusals of one id" }),
  guard_identified_parts: GuardMode.annotate({
    description: "Stops a merge of two identified persons",
  }),
  // SPEC §7.
  internal_users: Schema.Array(PropertyFilter.PropertyFilter)
    .pipe(Schema.check(Schema.isMaxLength(PropertyFilter.filtersMax)))
    .annotate({
      description:
        "Filters that the project's customers pass and its own people do not; queries can ask for customers alone",
    }),
})

export type Policy = typeof Policy.Type

/** Fields of a policy to change; `preset` resets all others first. */
export type PolicyChange = { readonly [K in keyof Policy]?: Policy[K] }
