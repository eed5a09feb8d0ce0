import * as Json from "../../encoding/Json.ts"
import { campaign2022, initial2022, today } from "../../event/MappedKeys.ts"

/** What a mapping sets on the person, and what it sets only once. */
export interface Mapped {
  readonly set: Json.JsonObject
  readonly setOnce: Json.JsonObject
}

const initial = (key: string): string => `$initial_${key.replace(/^\$/, "")}`

/** What becomes of a property of an event: the key that it sets, and the one that it sets only once. */
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

const map = (picked: Json.JsonObject, targets: ReadonlyMap<string, Target>): Mapped => {
  let set: Record<string, Json.Json> | undefined
  let setOnce: Record<string, Json.Json> | undefined
  for (const key of Object.keys(picked)) {
    const [target, value] = [targets.get(key), picked[key]]
    if (target === undefined || value === undefined) continue
    if (target.set !== undefined) (set ??= Json.emptyObject())[target.set] = value
    if (target.setOnce !== undefined) (setOnce ??= Json.emptyObject())[target.setOnce] = value
  }
  return { set: set ?? Json.empty, setOnce: setOnce ?? Json.empty }
}

/** The mapping of 2022 (P30): campaign keys are set, first values of most keys are kept; a pair with `isNothingNew`. */
export const map2022 = (picked: Json.JsonObject): Mapped => map(picked, targets2022)

/** The mapping of today (P30): every key is set, and its first value kept; a pair with `isNothingNew`. */
export const mapToday = (picked: Json.JsonObject): Mapped => map(picked, targetsToday)

/** What a person has, and whether keys that change with each page view are ignored (P29). */
export interface Has {
  readonly properties: Json.JsonObject
  readonly isIgnoring: boolean
}

/** True if a person has a property of this value, or has it and it is ignored. */
export const isSet = ({ properties, isIgnoring }: Has, key: string, value: Json.Json): boolean =>
  Object.hasOwn(properties, key) &&
  ((isIgnoring && isFiltered(key)) || Json.equals(properties[key], value))

/** True if a person already has all that `map2022` or `mapToday`, its pair, sets. */
export const isNothingNew = (
  has: Has,
  picked: Json.JsonObject,
  year: "2022" | "today",
): boolean => {
  const targets = year === "2022" ? targets2022 : targetsToday
  for (const key in picked) {
    const target = targets.get(key)
    const value = picked[key]
    if (target === undefined || value === undefined) continue
    if (target.setOnce !== undefined && !Object.hasOwn(has.properties, target.setOnce)) return false
    if (target.set !== undefined && !isSet(has, target.set, value)) return false
  }
  return true
}

const filtered = new Set(
  `$current_url $pathname $referring_domain $referrer $screen_height $screen_width $viewport_height
  $viewport_width $browser $browser_version $device_type $raw_user_agent $os $os_name
  $os_version`.split(/\s+/),
)

const keptPlaces = new Set(["$geoip_country_name", "$geoip_city_name"])

/** True for keys that change with each page view, and are not worth a version of the person (P29). */
export const isFiltered = (key: string): boolean =>
  filtered.has(key) || (key.startsWith("$geoip_") && !keptPlaces.has(key))
