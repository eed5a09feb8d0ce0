/** The intent of an event, read before anything is applied. */

import * as People from "./People.ts"
import * as PlainJson from "./PlainJson.ts"
import type * as Rules from "./Rules.ts"

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const MOBILE = ["posthog-ios", "posthog-android", "posthog-react-native", "posthog-flutter"]

const NEVER_WAITING = ["$identify", "$create_alias", "$groupidentify", "$snapshot"]

/** Personless events with these names are dropped (P40). */
const NEEDS_PERSONS = ["$identify", "$create_alias", "$merge_dangerously", "$groupidentify"]

/** True for an event that waits for a merge of its id (P45, P46). */
export const waits = (people: People.People, event: PlainJson.Bag, id: string): boolean => {
  const inside = PlainJson.get(event, "properties")
  const device = PlainJson.get(inside, "$device_id")
  const passes =
    hasBadUuid(event) ||
    isPersonless(people.rules, event) ||
    NEVER_WAITING.some((name) => name === event["event"]) ||
    wishOf(people.rules, event, id) !== undefined ||
    (PlainJson.isGiven(device) && PlainJson.idOf(device) === id) ||
    MOBILE.some((lib) => lib === PlainJson.get(inside, "$lib"))
  return people.rules.buffer_enabled && !passes && People.find(people, id) === undefined
}

/** The reason for which an event is dropped. */
export const barOf = (rules: Rules.Rules, event: PlainJson.Bag): string | undefined => {
  if (hasBadUuid(event)) return "skipping_event_invalid_uuid"
  const needsPersons = NEEDS_PERSONS.some((name) => name === event["event"])
  if (!needsPersons || !isPersonless(rules, event)) return undefined
  return rules.person_processing_opt_out
    ? "event_dropped_person_processing_disabled"
    : "invalid_event_when_process_person_profile_is_false"
}

/** True for an event that makes no person (P39, P42). */
export const isPersonless = (rules: Rules.Rules, event: PlainJson.Bag): boolean => {
  const flag = PlainJson.get(PlainJson.get(event, "properties"), "$process_person_profile")
  return rules.personless_events && (rules.person_processing_opt_out || flag === false)
}

/** The merge that an event asks for (P1). */
export const wishOf = (
  rules: Rules.Rules,
  event: PlainJson.Bag,
  target: string,
): People.Wish | undefined => {
  const inside = PlainJson.get(event, "properties")
  const alias = PlainJson.get(inside, "alias")
  const anonymous = PlainJson.get(inside, "$anon_distinct_id")
  switch (event["event"]) {
    case "$identify": {
      const isAsked =
        rules.empty_anon_distinct_id === "stringify"
          ? PlainJson.has(inside, "$anon_distinct_id")
          : Boolean(anonymous)
      return isAsked ? { source: PlainJson.idOf(anonymous), target, isDangerous: false } : undefined
    }
    case "$create_alias":
      return alias ? { source: PlainJson.idOf(alias), target, isDangerous: false } : undefined
    case "$merge_dangerously":
      return alias && rules.merge_dangerously
        ? { source: PlainJson.idOf(alias), target, isDangerous: true }
        : undefined
    default:
      return undefined
  }
}

export const isUuid = (value: unknown): value is string =>
  typeof value === "string" && UUID.test(value)

const hasBadUuid = (event: PlainJson.Bag): boolean => {
  const uuid = PlainJson.get(event, "uuid")
  return PlainJson.isGiven(uuid) && !isUuid(uuid)
}
