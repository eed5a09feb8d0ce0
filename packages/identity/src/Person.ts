import * as Json from "./Json.ts"
import type { Facts } from "./Event.ts"
import type { PersonId } from "./PersonId.ts"
import type { Policy } from "./Policy.ts"
import * as PropertyMapping from "./PropertyMapping.ts"

/** A person as it is from one event to the next; its distinct ids are the component's. */
export interface Person {
  readonly id: PersonId
  readonly properties: Json.JsonObject
  readonly isIdentified: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** 0 when created; one more with each event that changed the person. */
  readonly version: number
}

const mappedBy = (facts: Facts, policy: Policy): PropertyMapping.Mapped | undefined => {
  if (facts.mapped === undefined || policy.property_mapping === "none") return undefined
  return policy.property_mapping === "2022"
    ? PropertyMapping.map2022(facts.mapped)
    : PropertyMapping.mapToday(facts.mapped)
}

/** An explicit operation wins over the mapping today; in 2022 the mapping won (P30). */
const combined = (
  explicit: Json.JsonObject | undefined,
  mapped: Json.JsonObject | undefined,
  policy: Policy,
): Json.JsonObject =>
  policy.property_mapping === "2022" ? { ...explicit, ...mapped } : { ...mapped, ...explicit }

const unsetKeys = (facts: Facts, policy: Policy): ReadonlyArray<string> =>
  facts.unset ?? (policy.unset_takes_object ? facts.unsetKeys : undefined) ?? []

/** True if an event has nothing to say about properties. */
export const isSilent = (facts: Facts): boolean =>
  !(facts.set ?? facts.setOnce ?? facts.unset ?? facts.unsetKeys ?? facts.mapped)

/**
 * Properties after an event's `$set_once`, `$set` and `$unset`, in that order (SPEC §3, P23–P26);
 * the same object where nothing changed.
 */
export const withOperations = (
  properties: Json.JsonObject,
  facts: Facts,
  policy: Policy,
  isNew = false,
): Json.JsonObject => {
  if (isSilent(facts)) return properties
  const mapped = mappedBy(facts, policy)
  const result = Json.copyObject(properties)
  let changed = false
  const put = (key: string, value: Json.Json) => {
    if (Json.equals(Json.get(result, key), value)) return
    result[key] = value
    changed = true
  }
  for (const [key, value] of Object.entries(combined(facts.setOnce, mapped?.setOnce, policy))) {
    if (!Object.hasOwn(result, key)) put(key, value)
  }
  for (const [key, value] of Object.entries(combined(facts.set, mapped?.set, policy))) {
    put(key, value)
  }
  for (const key of unsetKeys(facts, policy)) {
    const applies = policy.unset_applies_last || (!isNew && Object.hasOwn(properties, key))
    if (!applies || !Object.hasOwn(result, key)) continue
    delete result[key]
    changed = true
  }
  return changed && !Json.equals(result, properties) ? result : properties
}

const encoder = new TextEncoder()

/** True if properties take more bytes than the policy allows (P33). */
export const isTooLarge = (properties: Json.JsonObject, policy: Policy): boolean => {
  const text = JSON.stringify(properties)
  const limit = policy.person_properties_bytes_max
  return text.length * 3 > limit && encoder.encode(text).length > limit
}
