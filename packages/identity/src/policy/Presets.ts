import type { Policy } from "./Policy.ts"

/**
 * PostHog's page of October 2022, read strictly: the default. The fields keep the schema's order,
 * so that equal policies are equal as JSON too.
 */
export const page: Policy = {
  preset: "page",
  illegal_ids_any_case:
    "anonymous guest distinctid distinct_id id not_authenticated email undefined true false".split(
      " ",
    ),
  illegal_ids_exact: ["[object Object]", "NaN", "None", "none", "null", "0"],
  own_illegal_ids: [],
  own_illegal_patterns: [],
  quoted_ids_illegal: false,
  unusable_ids_illegal: false,
  identified_source_new_target: "refuse",
  merge_dangerously: false,
  empty_anon_distinct_id: "ignore",
  merged_version: "target",
  buffer_enabled: true,
  buffer_window_seconds: 60,
  personless_events: false,
  person_processing_opt_out: false,
  property_mapping: "2022",
  filtered_keys: false,
  events_without_updates: false,
  unset_applies_last: true,
  unset_takes_object: false,
  timestamp_rules: "2022",
  distinct_id_precedence: "2022",
  split_wipes_properties: true,
  person_properties_bytes_max: 655_360,
  guard_ids_per_person: "off",
  guard_ids_per_person_max: 1000,
  guard_new_ids_per_hour: "off",
  guard_new_ids_per_hour_max: 100,
  guard_refusals_per_id: "off",
  guard_refusals_per_id_max: 10,
  guard_identified_parts: "off",
  internal_users: [],
}

/** PostHog's rules of today, as their differences from the page. */
export const posthog: Policy = {
  ...page,
  preset: "posthog",
  quoted_ids_illegal: true,
  unusable_ids_illegal: true,
  identified_source_new_target: "attach",
  merge_dangerously: true,
  empty_anon_distinct_id: "stringify",
  merged_version: "target_if_changed",
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
}

/** The presets by name. */
export const presets = { page, posthog }
