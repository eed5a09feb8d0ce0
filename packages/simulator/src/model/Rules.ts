/** The two presets of SPEC §1, written again, with the ids that they make illegal. */

export type Preset = "page" | "posthog"

export interface Rules {
  readonly preset: Preset
  readonly illegal_ids_any_case: ReadonlyArray<string>
  readonly illegal_ids_exact: ReadonlyArray<string>
  readonly own_illegal_ids: ReadonlyArray<string>
  readonly quoted_ids_illegal: boolean
  readonly unusable_ids_illegal: boolean
  readonly identified_source_new_target: "refuse" | "attach"
  readonly merge_dangerously: boolean
  readonly empty_anon_distinct_id: "ignore" | "stringify"
  readonly merged_version: "target" | "target_if_changed" | "highest"
  readonly buffer_enabled: boolean
  readonly buffer_window_seconds: number
  readonly personless_events: boolean
  readonly person_processing_opt_out: boolean
  readonly property_mapping: "none" | "2022" | "today"
  readonly filtered_keys: boolean
  readonly events_without_updates: boolean
  readonly unset_applies_last: boolean
  readonly unset_takes_object: boolean
  readonly timestamp_rules: "2022" | "today"
  readonly split_wipes_properties: boolean
}

/** The values that random lines give a field; a field without values does not compile. */
export const choices: {
  readonly [Field in Exclude<keyof Rules, "preset" | "illegal_ids_any_case">]: ReadonlyArray<
    Rules[Field]
  >
} = {
  buffer_enabled: [true, true, false],
  buffer_window_seconds: [1, 10, 60, 120],
  personless_events: [true, false],
  person_processing_opt_out: [true, false, false],
  events_without_updates: [true, false],
  filtered_keys: [true, false],
  property_mapping: ["none", "2022", "today"],
  timestamp_rules: ["2022", "today"],
  split_wipes_properties: [true, false],
  merged_version: ["target", "target_if_changed", "highest"],
  merge_dangerously: [true, false],
  identified_source_new_target: ["refuse", "attach"],
  empty_anon_distinct_id: ["ignore", "stringify"],
  unset_applies_last: [true, false],
  unset_takes_object: [true, false],
  quoted_ids_illegal: [true, false],
  unusable_ids_illegal: [true, false],
  own_illegal_ids: [[], ["dev-3"]],
  illegal_ids_exact: [[], ["ann", "0"]],
}

/** Fields to change; `preset` resets all others first. */
export type RulesChange = { readonly [Field in keyof Rules]?: Rules[Field] }

const both = {
  illegal_ids_any_case:
    "anonymous guest distinctid distinct_id id not_authenticated email undefined true false".split(
      " ",
    ),
  illegal_ids_exact: ["[object Object]", "NaN", "None", "none", "null", "0"],
  own_illegal_ids: [],
  buffer_window_seconds: 60,
  person_processing_opt_out: false,
}

const page: Rules = {
  ...both,
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
  split_wipes_properties: true,
}

const posthog: Rules = {
  ...both,
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
  split_wipes_properties: false,
}

export const presets = { page, posthog }

export const change = (rules: Rules, wanted: RulesChange): Rules => ({
  ...(wanted.preset === undefined ? rules : presets[wanted.preset]),
  ...wanted,
})

/** True for an id that no merge accepts (P12–P15). */
export const isIllegal = (rules: Rules, id: string): boolean => {
  if (id.trim() === "" || isListed(rules, id) || rules.own_illegal_ids.includes(id)) return true
  // Cleaning has turned each NUL into U+FFFD.
  if (rules.unusable_ids_illegal && id.includes("\uFFFD")) return true
  const quote = id.at(0)
  const isQuoted = id.length >= 2 && (quote === '"' || quote === "'") && id.at(-1) === quote
  return rules.quoted_ids_illegal && isQuoted && isListed(rules, id.slice(1, -1))
}

const isListed = (rules: Rules, id: string): boolean =>
  rules.illegal_ids_exact.includes(id) || rules.illegal_ids_any_case.includes(id.toLowerCase())
