import type { DistinctId } from "../../event/DistinctId.ts"
import { empty, type JsonObject } from "../../encoding/Json.ts"
import * as Person from "../../state/Person.ts"
import * as PropertyUpdate from "./PropertyUpdate.ts"
import type { PersonId } from "../../state/PersonId.ts"
import { nextPersonId } from "../../state/IdentityState.ts"
import { type Step, warn } from "../EventStep.ts"

/**
 * Applies an event that merges nothing: creates its person, or updates the person's properties
 * (SPEC §3).
 */
export const ordinary = (step: Step, isIdentified = false): void => {
  const { identity, event } = step
  const component = identity.components.get(event.distinctId)
  if (component === undefined) bear(step, event.distinctId, "created", isIdentified)
  else alter(step, event.distinctId, component.person, { isIdentified })
}

/** Creates the person of a distinct id. */
export const bear = (
  step: Step,
  distinctId: DistinctId,
  occasion: "created" | "createdByMerge",
  isIdentified: boolean,
): Person.Person => {
  const { identity, position } = step
  const id = nextPersonId(identity, distinctId)
  const person: Person.Person = {
    id,
    properties: operated(step, id, occasion, [empty]),
    isIdentified,
    createdAt: step.at,
    version: 0,
  }
  step.changes.push({ _tag: "PersonBorn", position, distinctId, person })
  return person
}

/** Adds the next version of a person, where the event changes the person. */
export const alter = (
  step: Step,
  distinctId: DistinctId,
  person: Person.Person,
  wanted: { readonly isIdentified: boolean },
): void => {
  const properties = operated(step, person.id, "updated", [person.properties])
  const isIdentified = person.isIdentified || wanted.isIdentified
  if (properties === person.properties && isIdentified === person.isIdentified) return
  const next = { ...person, properties, isIdentified, version: person.version + 1 }
  step.changes.push({ _tag: "PersonChanged", position: step.position, distinctId, person: next })
}

/**
 * The first of `bases` after the event's operations. Where the result is too large, a warning says
 * that the operations are lost, and the first base within the limit stays (P33).
 */
export const operated = (
  step: Step,
  personId: PersonId,
  occasion: PropertyUpdate.Occasion,
  bases: readonly [JsonObject, ...Array<JsonObject>],
): JsonObject => {
  const { policy } = step.identity
  const properties = propertiesAfter(step, bases[0], occasion)
  if (properties === bases.at(-1) || !PropertyUpdate.isTooLarge(properties, policy))
    return properties
  warn(step, "person_properties_size_violation", {
    distinctId: step.event.distinctId,
    personId,
    message: `Person properties may take ${policy.person_properties_bytes_max} bytes; the update was not applied.`,
  })
  return bases.find((base) => !PropertyUpdate.isTooLarge(base, policy)) ?? bases.at(-1) ?? bases[0]
}

/** Properties after the event's operations. */
const propertiesAfter = (
  { event, identity: { policy }, at }: Step,
  properties: JsonObject,
  occasion: PropertyUpdate.Occasion,
): JsonObject => {
  switch (event._tag) {
    case "Captured":
      return PropertyUpdate.withOperations(properties, event, policy, { occasion, at })
    case "PersonEdited":
      return PropertyUpdate.edit(properties, event)
    case "PersonsMerged":
      return properties
  }
}
