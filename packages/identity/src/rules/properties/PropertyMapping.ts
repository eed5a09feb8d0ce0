import * as Json from "../../encoding/Json.ts"
import { campaign2022, initial2022, today } from "../../event/MappedKeys.ts"

/** The properties that a mapping sets on the person, and those that it sets only once. */
export interface SetOperations {
  readonly set: Json.JsonObject
  readonly setOnce: Json.JsonObject
}

const initial = (key: string): string => `$initial_${key.replace(/^\$/, "")}`

/** The keys on the person that an event's property sets, and sets only once. */
interface Target {
  readonly set?: string
  readonly setOnce?: string
}

const targets2022 = new Map<string, Target>([
  ...initial2022.map((key) => [key, { setOnce: initial(key) }] as const),
  ...campaign2022.map((key) => [key, { set: key, setOnce: initial(key) }] as const),
])

const targetsToday = new Map<string, Target>(
  today.map((key) => {
    const stored = key === "$os_name" ? "$os" : key
    return [key, { set: stored, setOnce: initial(stored) }] as const
  }),
)

/** The target of a picked key. `$os_name` is another name of `$os`, so it has none beside `$os` (P30). */
const targetOf = (
  picked: Json.JsonObject,
  targets: ReadonlyMap<string, Target>,
  key: string,
): Target | undefined =>
  key === "$os_name" && Object.hasOwn(picked, "$os") ? undefined : targets.get(key)

const map = (picked: Json.JsonObject, targets: ReadonlyMap<string, Target>): SetOperations => {
  let set: Record<string, Json.Json> | undefined
  let setOnce: Record<string, Json.Json> | undefined
  for (const key of Object.keys(picked)) {
    const [target, value] = [targetOf(picked, targets, key), picked[key]]
    if (target === undefined || value === undefined) continue
    if (target.set !== undefined) (set ??= Json.emptyObject())[target.set] = value
    if (target.setOnce !== undefined) (setOnce ??= Json.emptyObject())[target.setOnce] = value
  }
  return { set: set ?? Json.empty, setOnce: setOnce ?? Json.empty }
}

/**
 * The mapping of 2022 (P30): sets campaign keys, and keeps the first value of most keys; a pair
 * with `isNothingNew`.
 */
export const map2022 = (picked: Json.JsonObject): SetOperations => map(picked, targets2022)

/**
 * The mapping of today (P30): sets every key, and keeps its first value; a pair with
 * `isNothingNew`.
 */
export const mapToday = (picked: Json.JsonObject): SetOperations => map(picked, targetsToday)

/** A person's properties, and whether changes of volatile keys are ignored (P29). */
export interface PersonProperties {
  readonly properties: Json.JsonObject
  readonly isIgnoring: boolean
}

/** True if the person has this value under the key, or has the key and its changes are ignored. */
export const isSet = (
  { properties, isIgnoring }: PersonProperties,
  key: string,
  value: Json.Json,
): boolean =>
  Object.hasOwn(properties, key) &&
  ((isIgnoring && isFiltered(key)) || Json.equals(properties[key], value))

/** True if the person already has all that `map2022` or `mapToday`, its pair, would set. */
export const isNothingNew = (
  has: PersonProperties,
  picked: Json.JsonObject,
  year: "2022" | "today",
): boolean => {
  const targets = year === "2022" ? targets2022 : targetsToday
  for (const key in picked) {
    const target = targetOf(picked, targets, key)
    const value = picked[key]
    if (target === undefined || value === undefined) continue
    if (target.setOnce !== undefined && !Object.hasOwn(has.properties, target.setOnce)) return false
    if (target.set !== undefined && !isSet(has, target.set, value)) return false
  }
  return true
}

const filteredKeys = new Set(
  `$current_url $pathname $referring_domain $referrer $screen_height $screen_width $viewport_height
  $viewport_width $browser $browser_version $device_type $raw_user_agent $os $os_name
  $os_version $geoip_postal_code $geoip_time_zone $geoip_latitude $geoip_longitude
  $geoip_accuracy_radius $geoip_subdivision_1_code $geoip_subdivision_1_name
  $geoip_subdivision_2_code $geoip_subdivision_2_name $geoip_subdivision_3_code
  $geoip_subdivision_3_name $geoip_city_confidence $geoip_country_confidence
  $geoip_postal_code_confidence $geoip_subdivision_1_confidence
  $geoip_subdivision_2_confidence`.split(/\s+/),
)

/**
 * True for keys that change with every page view, too volatile for a new version of the person
 * (P29).
 */
export const isFiltered = (key: string): boolean => filteredKeys.has(key)
