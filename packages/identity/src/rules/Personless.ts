import type { Captured } from "../event/Event.ts"
import type { Policy } from "../policy/Policy.ts"
import { type Step, warn } from "./EventStep.ts"

const aboutPersons = new Set(["$identify", "$create_alias", "$merge_dangerously", "$groupidentify"])

/** True for an event without a person: the event says so, or the project does (P39, P42). */
export const isPersonless = (policy: Policy, event: Captured): boolean =>
  policy.personless_events &&
  (event.facts.personProfile === false || policy.person_processing_opt_out)

/** True for a personless event that only exists to change persons: it is dropped (P40, P42). */
export const isDropped = (policy: Policy, event: Captured): boolean =>
  isPersonless(policy, event) && aboutPersons.has(event.name)

/** Notes the first personless use of an id, or drops the event (P40, P41). */
export const process = (step: Step, { distinctId, name }: Captured): void => {
  const { identity, position, eventPosition } = step
  if (aboutPersons.has(name)) {
    const type = identity.policy.person_processing_opt_out
      ? "event_dropped_person_processing_disabled"
      : "invalid_event_when_process_person_profile_is_false"
    warn(step, type, { event: name, distinctId })
    step.changes.push({ _tag: "Dropped", position, event: eventPosition })
    return
  }
  if (identity.components.has(distinctId) || identity.personless.has(distinctId)) return
  step.changes.push({ _tag: "SeenPersonless", position, distinctId })
}

/** True for a flag that is no boolean, under a policy that reads the flag (P39). */
export const isFlagInvalid = (policy: Policy, { facts: { personProfile } }: Captured): boolean =>
  policy.personless_events &&
  !policy.person_processing_opt_out &&
  personProfile !== undefined &&
  typeof personProfile !== "boolean"

/** Warns of a flag that is no boolean; the event goes on as without it (P39). */
export const checkFlag = (step: Step, event: Captured): void => {
  const { personProfile } = event.facts
  if (personProfile === undefined || !isFlagInvalid(step.identity.policy, event)) return
  warn(step, "invalid_process_person_profile", {
    event: event.name,
    distinctId: event.distinctId,
    $process_person_profile: personProfile,
    message: "Only a boolean value is valid for the $process_person_profile property",
  })
}
