import * as Json from "../../encoding/Json.ts"
import type { Captured, Facts } from "../../event/Event.ts"
import type { PersonEdited } from "../../event/OperatorCommand.ts"
import type { Policy } from "../../policy/Policy.ts"
import * as PropertyMapping from "./PropertyMapping.ts"

const mappedBy = (
  { facts, name }: Pick<Captured, "facts" | "name">,
  policy: Policy,
  at: number,
): PropertyMapping.Mapped | undefined => {
  if (policy.property_mapping === "none") return undefined
  if (policy.property_mapping === "2022")
    return facts.mapped && PropertyMapping.map2022(facts.mapped)
  const mapped = facts.mapped && PropertyMapping.mapToday(facts.mapped)
  if (name !== "survey shown") return mapped
  const set = { ...mapped?.set, $survey_last_seen_date: new Date(at).toISOString() }
  return { set, setOnce: mapped?.setOnce ?? Json.emptyObject() }
}

/** An explicit operation wins over the mapping today; in 2022 the mapping won (P30). */
const combined = (
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

/** True if an event has nothing to say about properties. */
const isSilent = ({ facts, name }: Pick<Captured, "facts" | "name">): boolean =>
  !(facts.set ?? facts.setOnce ?? facts.unset ?? facts.unsetKeys ?? facts.mapped) &&
  name !== "survey shown"

const neverUpdating = new Set(["$exception", "$$heatmap"])

/** True if the event's operations do not count, whatever they are (P28). */
const isWithoutUpdates = (name: string, policy: Policy, isNew: boolean): boolean =>
  policy.events_without_updates &&
  (name === "$groupidentify" || (!isNew && neverUpdating.has(name)))

/** Events that are about the person, so that all they set is meant (P29). */
const personEvents = new Set(["$identify", "$create_alias", "$merge_dangerously", "$set"])

/**
 * True only if `withOperations`, its pair, leaves the properties of a person that is there as they are. It
 * builds nothing to find that out, and may say no where a look at all operations together says yes.
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
  const has: PropertyMapping.Has = { properties, isIgnoring }
  // Without lists of the keys: every event is looked at.
  for (const key in set) {
    if (!PropertyMapping.isSet(has, key, set[key] ?? null)) return false
  }
  for (const key in setOnce) if (!Object.hasOwn(properties, key)) return false
  const year = policy.property_mapping
  if (mapped === undefined || year === "none") return true
  return PropertyMapping.isNothingNew(has, mapped, year)
}

/**
 * Properties after an event's `$set_once`, `$set` and `$unset`, in that order (SPEC §3, P23–P30);
 * the same object where nothing changed, or nothing that counts. A pair with `isUnmoved`: what it says is
 * unmoved stays the same object here.
 */
export const withOperations = (
  properties: Json.JsonObject,
  event: Pick<Captured, "facts" | "name">,
  policy: Policy,
  { isNew = false, at = 0 }: { readonly isNew?: boolean; readonly at?: number } = {},
): Json.JsonObject => {
  const { facts, name } = event
  if (isSilent(event) || isWithoutUpdates(name, policy, isNew)) return properties
  const mapped = mappedBy(event, policy, at)
  const changed: Array<string> = []
  let isCut = false
  // Most events change nothing: a copy is made with the first change.
  let result: Record<string, Json.Json> | undefined
  const put = (key: string, value: Json.Json) => {
    if (Json.equals(Json.get(result ?? properties, key), value)) return
    result ??= Json.copyObject(properties)
    result[key] = value
    changed.push(key)
  }
  const setOnce = combined(facts.setOnce, mapped?.setOnce, policy)
  for (const key of Object.keys(setOnce)) {
    if (!Object.hasOwn(result ?? properties, key)) put(key, setOnce[key] ?? null)
  }
  const set = combined(facts.set, mapped?.set, policy)
  for (const key of Object.keys(set)) put(key, set[key] ?? null)
  for (const key of unsetKeys(facts, policy)) {
    const applies = policy.unset_applies_last || (!isNew && Object.hasOwn(properties, key))
    if (!applies || !Object.hasOwn(result ?? properties, key)) continue
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
  // Properties that were only set differ from those before; properties that were set and unset may not.
  return isCut && Json.equals(after, properties) ? properties : after
}

/** Properties after an operator's edit (P57); the same object where nothing changed. */
export const edited = (
  properties: Json.JsonObject,
  { set = Json.empty, unset = [] }: Pick<PersonEdited, "set" | "unset">,
): Json.JsonObject => {
  const after = Json.copyObject(properties)
  for (const key of Object.keys(set)) {
    const value = set[key] ?? null
    // An equal value stays: its keys keep the order in which they are stored.
    if (!Json.equals(Json.get(after, key), value)) after[key] = value
  }
  for (const key of unset) delete after[key]
  return Json.equals(after, properties) ? properties : after
}

const encoder = new TextEncoder()

/** True if properties take more bytes than the policy allows (P33). */
export const isTooLarge = (properties: Json.JsonObject, policy: Policy): boolean => {
  const limit = policy.person_properties_bytes_max
  if (Json.bytesMost(properties) <= limit) return false
  const text = JSON.stringify(properties)
  return text.length * 3 > limit && encoder.encode(text).length > limit
}
