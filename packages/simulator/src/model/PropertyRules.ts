/** The changes of an event to the properties of a person (P22–P30). */

import * as PlainJson from "./PlainJson.ts"
import type { Rules } from "./Rules.ts"

/** Later entries win. */
interface Operations {
  readonly set: ReadonlyArray<readonly [string, unknown]>
  readonly setOnce: ReadonlyArray<readonly [string, unknown]>
  readonly unset: ReadonlyArray<string>
}

const CAMPAIGN_2022 =
  "utm_source utm_medium utm_campaign utm_content utm_name utm_term gclid fbclid".split(" ")
const INITIAL_2022 = [
  ...CAMPAIGN_2022,
  ..."$browser $browser_version $device_type $current_url $pathname $os".split(" "),
  ..."$referring_domain $referrer".split(" "),
]
const MAPPED_TODAY = [
  ..."$app_build $app_name $app_namespace $app_version $browser $browser_version".split(" "),
  ..."$device_type $current_url $pathname $os $os_name $os_version $referring_domain".split(" "),
  ..."$referrer $screen_height $screen_width $viewport_height $viewport_width".split(" "),
  ..."$raw_user_agent utm_source utm_medium utm_campaign utm_content utm_name".split(" "),
  ..."utm_term gclid gad_source gclsrc dclid gbraid wbraid fbclid msclkid twclid".split(" "),
  ..."li_fat_id mc_cid igshid ttclid rdt_cid irclid _kx epik qclid sccid".split(" "),
]

const FILTERED = [
  ..."$current_url $pathname $referring_domain $referrer $screen_height $screen_width".split(" "),
  ..."$viewport_height $viewport_width $browser $browser_version $device_type".split(" "),
  ..."$raw_user_agent $os $os_name $os_version $geoip_postal_code $geoip_time_zone".split(" "),
  ..."$geoip_latitude $geoip_longitude $geoip_accuracy_radius $geoip_city_confidence".split(" "),
  ..."$geoip_subdivision_1_code $geoip_subdivision_1_name $geoip_subdivision_2_code".split(" "),
  ..."$geoip_subdivision_2_name $geoip_subdivision_3_code $geoip_subdivision_3_name".split(" "),
  ..."$geoip_country_confidence $geoip_postal_code_confidence".split(" "),
  ..."$geoip_subdivision_1_confidence $geoip_subdivision_2_confidence".split(" "),
]

const ABOUT_PERSONS = ["$identify", "$create_alias", "$merge_dangerously", "$set"]

/** How an event came to its person. */
type Outcome = "created" | "createdByMerge" | "merged" | "found"

/** The properties after an event; a new person has none before. */
export const properties = (
  rules: Rules,
  event: PlainJson.Bag,
  at: number,
  outcome: Outcome,
  old: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> => {
  const name = PlainJson.get(event, "event")
  const isNew = outcome === "created" || outcome === "createdByMerge"
  if (rules.events_without_updates) {
    if (name === "$groupidentify") return old
    if (!isNew && (name === "$exception" || name === "$$heatmap")) return old
  }
  const after = applied(rules, operationsOf(rules, event, at), outcome, old)
  const changed = [...new Set([...old.keys(), ...after.keys()])].filter(
    (key) => old.has(key) !== after.has(key) || !PlainJson.isSame(old.get(key), after.get(key)),
  )
  const isFiltered =
    rules.filtered_keys &&
    !ABOUT_PERSONS.some((one) => one === name) &&
    changed.every((key) => old.has(key) && after.has(key) && isFilteredKey(key))
  return isFiltered || changed.length === 0 ? old : after
}

const applied = (
  rules: Rules,
  operations: Operations,
  outcome: Outcome,
  old: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, unknown> => {
  const after = new Map(old)
  for (const [key, value] of operations.setOnce) if (!old.has(key)) after.set(key, value)
  for (const [key, value] of operations.set) after.set(key, value)
  const isDeaf =
    outcome === "created" || (outcome === "createdByMerge" && !rules.unset_applies_last)
  if (isDeaf) return after
  for (const key of operations.unset) {
    // Today a merge is followed by a second pass, for which the keys of the first are old ones.
    if (rules.unset_applies_last || outcome === "merged" || old.has(key)) after.delete(key)
  }
  return after
}

const operationsOf = (rules: Rules, event: PlainJson.Bag, at: number): Operations => {
  const inside = PlainJson.get(event, "properties")
  const set = [
    ...PlainJson.entries(PlainJson.get(inside, "$set")),
    ...PlainJson.entries(event["$set"]),
  ]
  const setOnce = [
    ...PlainJson.entries(PlainJson.get(inside, "$set_once")),
    ...PlainJson.entries(event["$set_once"]),
  ]
  const given = PlainJson.get(inside, "$unset")
  const keys = rules.unset_takes_object ? PlainJson.entries(given).map(([key]) => key) : []
  const unset = [...PlainJson.texts(given), ...keys]
  const name = PlainJson.get(event, "event")
  const isToday = rules.property_mapping === "today"
  const isMapped = name !== "$snapshot" && !(isToday && name === "$performance_event")
  // In 2022 a mapped value wins over an explicit one; today the explicit one wins.
  if (isMapped && rules.property_mapping === "2022") {
    return {
      set: [...set, ...found(inside, CAMPAIGN_2022, same)],
      setOnce: [...setOnce, ...found(inside, INITIAL_2022, initial)],
      unset,
    }
  }
  if (isMapped && rules.property_mapping === "today") {
    return {
      set: [...found(inside, MAPPED_TODAY, same), ...survey(event, at), ...set],
      setOnce: [...found(inside, MAPPED_TODAY, initial), ...setOnce],
      unset,
    }
  }
  return { set, setOnce, unset }
}

/** `$os_name` stands for `$os` only where the event has no `$os`. */
const found = (
  inside: unknown,
  names: ReadonlyArray<string>,
  key: (name: string) => string,
): ReadonlyArray<readonly [string, unknown]> =>
  names
    .filter((name) => PlainJson.has(inside, name))
    .filter((name) => name !== "$os_name" || !PlainJson.has(inside, "$os"))
    .map((name) => [key(name), PlainJson.get(inside, name)] as const)

const same = (name: string): string => (name === "$os_name" ? "$os" : name)

const initial = (name: string): string => `$initial_${same(name).replace(/^\$/, "")}`

const survey = (event: PlainJson.Bag, at: number): ReadonlyArray<readonly [string, unknown]> =>
  PlainJson.get(event, "event") === "survey shown"
    ? [["$survey_last_seen_date", new Date(at).toISOString()]]
    : []

const isFilteredKey = (key: string): boolean => FILTERED.includes(key)
