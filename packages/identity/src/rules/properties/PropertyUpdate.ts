import * as Json from "../../encoding/Json.ts"
import type { Captured, Facts } from "../../event/Event.ts"
import type { PersonEdited } from "../../event/OperatorCommand.ts"
import type { Policy } from "../../policy/Policy.ts"
import * as PropertyMapping from "./PropertyMapping.ts"

/** True for an event whose properties no rule of today copies to the person (P30). */
const isUnmappedToday = (name: string): boolean => name === "$performance_event"

const mappingOf = (
  { facts, name }: Pick<Captured, "facts" | "name">,
  policy: Policy,
  at: number,
): PropertyMapping.SetOperations | undefined => {
  if (policy.property_mapping === "none") return undefined
  if (policy.property_mapping === "2022")
    return facts.mapped && PropertyMapping.map2022(facts.mapped)
  if (isUnmappedToday(name)) return undefined
  const mapped = facts.mapped && PropertyMapping.mapToday(facts.mapped)
  if (name !== "survey shown") return mapped
  const set = { ...mapped?.set, $survey_last_seen_date: new Date(at).toISOString() }
  return { set, setOnce: mapped?.setOnce ?? Json.emptyObject() }
}

/**
 * Merges explicit operations with mapped ones: today the explicit ones win, in 2022 the mapped ones
 * did (P30).
 */
const combine = (
  explicit: Json.JsonObject | undefined,
  mapped: Json.JsonObject | undefined,
  policy: Policy,
): Json.JsonObject => {
  if (explicit === undefined || mapped === undefined) return explicit ?? mapped ?? Json.empty
  return policy.property_mapping === "2022"
    ? { ...explicit, ...mapped }
    : { ...mapped, ...explicit }
}

const unsetKeys = (facts: Facts, policy: Policy): ReadonlyArray<string> =>
  facts.unset ?? (policy.unset_takes_object ? facts.unsetKeys : undefined) ?? []

/** True for an event without operations on properties. */
const isSilent = ({ facts, name }: Pick<Captured, "facts" | "name">): boolean =>
  !(facts.set ?? facts.setOnce ?? facts.unset ?? facts.unsetKeys ?? facts.mapped) &&
  name !== "survey shown"

const neverUpdating = new Set(["$exception", "$$heatmap"])

/** True for an event whose operations the policy ignores (P28). */
const isWithoutUpdates = (name: string, policy: Policy, isNew: boolean): boolean =>
  policy.events_without_updates &&
  (name === "$groupidentify" || (!isNew && neverUpdating.has(name)))

/** Events about the person: every key that they set makes a version (P29). */
const personEvents = new Set(["$identify", "$create_alias", "$merge_dangerously", "$set"])

/**
 * True only where `withOperations`, its pair, leaves an existing person's properties as they are.
 * It allocates nothing, and may say false where all operations together change nothing.
 */
export const isUnmoved = (
  properties: Json.JsonObject,
  event: Pick<Captured, "facts" | "name">,
  policy: Policy,
): boolean => {
  const { facts, name } = event
  if (isSilent(event) || isWithoutUpdates(name, policy, false)) return true
  if (facts.unset !== undefined || facts.unsetKeys !== undefined || name === "survey shown") {
    return false
  }
  const { set, setOnce, mapped } = facts
  const isIgnoring = policy.filtered_keys && !personEvents.has(name)
  const has: PropertyMapping.PersonProperties = { properties, isIgnoring }
  // `for … in` makes no list of the keys: this runs for every event.
  for (const key in set) {
    if (!PropertyMapping.isSet(has, key, set[key] ?? null)) return false
  }
  for (const key in setOnce) if (!Object.hasOwn(properties, key)) return false
  const year = policy.property_mapping
  if (mapped === undefined || year === "none") return true
  if (year === "today" && isUnmappedToday(name)) return true
  return PropertyMapping.isNothingNew(has, mapped, year)
}

/** The way in which an event comes to a person: `$unset` depends on it (P6, P23, P26). */
export type Occasion =
  | "created"
  /** Neither of the ids that the event unites had a person. */
  | "createdByMerge"
  /** Both ids had persons of their own. */
  | "merged"
  | "updated"

/** The keys that an `$unset` removes: all that it names, those held before the event, or none. */
const unsettable = (policy: Policy, occasion: Occasion): "all" | "held" | "none" => {
  switch (occasion) {
    case "created":
      return "none"
    case "createdByMerge":
      return policy.unset_applies_last ? "all" : "none"
    case "merged":
      return "all"
    case "updated":
      return policy.unset_applies_last ? "all" : "held"
  }
}

/**
 * Properties after an event's `$set_once`, `$set` and `$unset`, in that order (SPEC §3, P23–P30).
 * Returns the same object where nothing changes, or nothing that counts, and wherever its pair
 * `isUnmoved` says so.
 */
export const withOperations = (
  properties: Json.JsonObject,
  event: Pick<Captured, "facts" | "name">,
  policy: Policy,
  { occasion, at }: { readonly occasion: Occasion; readonly at: number },
): Json.JsonObject => {
  const { facts, name } = event
  const isNew = occasion === "created" || occasion === "createdByMerge"
  if (isSilent(event) || isWithoutUpdates(name, policy, isNew)) return properties
  const mapped = mappingOf(event, policy, at)
  const changed: Array<string> = []
  let isCut = false
  // Most events change nothing, so the first change makes the copy.
  let result: Record<string, Json.Json> | undefined
  const put = (key: string, value: Json.Json) => {
    if (Json.equals(Json.get(result ?? properties, key), value)) return
    result ??= Json.copyObject(properties)
    result[key] = value
    changed.push(key)
  }
  const setOnce = combine(facts.setOnce, mapped?.setOnce, policy)
  for (const key of Object.keys(setOnce)) {
    if (!Object.hasOwn(result ?? properties, key)) put(key, setOnce[key] ?? null)
  }
  const set = combine(facts.set, mapped?.set, policy)
  for (const key of Object.keys(set)) put(key, set[key] ?? null)
  const which = unsettable(policy, occasion)
  for (const key of which === "none" ? [] : unsetKeys(facts, policy)) {
    const isHeld = Object.hasOwn(which === "held" ? properties : (result ?? properties), key)
    if (!isHeld) continue
    result ??= Json.copyObject(properties)
    delete result[key]
    isCut = true
    changed.push(key)
  }
  if (result === undefined) return properties
  const after = result
  const isFiltered = (key: string) =>
    PropertyMapping.isFiltered(key) && Object.hasOwn(properties, key) && Object.hasOwn(after, key)
  if (policy.filtered_keys && !isNew && !personEvents.has(name) && changed.every(isFiltered)) {
    return properties
  }
  // An `$unset` may take back what the event set; without one, some property differs.
  return isCut && Json.equals(after, properties) ? properties : after
}

/** Properties after an operator's edit (P57); the same object where nothing changes. */
export const edit = (
  properties: Json.JsonObject,
  { set = Json.empty, unset = [] }: Pick<PersonEdited, "set" | "unset">,
): Json.JsonObject => {
  const after = Json.copyObject(properties)
  for (const key of Object.keys(set)) {
    const value = set[key] ?? null
    // An equal value stays, with the stored order of its keys.
    if (!Json.equals(Json.get(after, key), value)) after[key] = value
  }
  for (const key of unset) delete after[key]
  return Json.equals(after, properties) ? properties : after
}

const encoder = new TextEncoder()

/** True for properties above the policy's limit of bytes (P33). */
export const isTooLarge = (properties: Json.JsonObject, policy: Policy): boolean => {
  const limit = policy.person_properties_bytes_max
  if (Json.bytesMost(properties) <= limit) return false
  const text = JSON.stringify(properties)
  return text.length * 3 > limit && encoder.encode(text).length > limit
}
