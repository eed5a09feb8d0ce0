import type { Captured } from "../event/Event.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Identity } from "../state/IdentityState.ts"

const mobileLibraries = new Set([
  "posthog-ios",
  "posthog-android",
  "posthog-react-native",
  "posthog-flutter",
])

/**
 * `$identify` never waits (the page); neither do alias and `$groupidentify`, as in PostHog's code of
 * 28 October 2022 (P46).
 */
const neverWaiting = new Set(["$identify", "$create_alias", "$groupidentify", "$snapshot"])

/** True for an event that the policy lets wait; an event that merges is not among them. */
const mayWait = (event: Captured, policy: Policy): boolean =>
  !neverWaiting.has(event.name) &&
  !(event.name === "$merge_dangerously" && policy.merge_dangerously && event.source !== undefined)

/**
 * True if the event waits: its id has no person, and it came from no device, because a device
 * merges its ids itself (SPEC §4, P45).
 */
export const holds = (identity: Identity, event: Captured): boolean => {
  const { policy } = identity
  return (
    policy.buffer_enabled &&
    mayWait(event, policy) &&
    event.facts.isDevice !== true &&
    !mobileLibraries.has(event.facts.lib ?? "") &&
    !identity.components.has(event.distinctId)
  )
}
