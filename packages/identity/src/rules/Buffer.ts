import type { Captured } from "../event/Event.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Identity } from "../state/IdentityState.ts"

const mobileLibraries = new Set([
  "posthog-ios",
  "posthog-android",
  "posthog-react-native",
  "posthog-flutter",
])

/** `$identify` never waits (the page); nor does alias, which PostHog's pages of then say too (P46). */
const neverWaiting = new Set(["$identify", "$create_alias", "$snapshot"])

/** True for an event that a window can wait for: one that merges cannot wait for a merge. */
const mayWait = (event: Captured, policy: Policy): boolean =>
  !neverWaiting.has(event.name) &&
  !(event.name === "$merge_dangerously" && policy.merge_dangerously && event.source !== undefined)

/** True if the event waits: nobody knows its id, and its client could not have told (SPEC §4, P45). */
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
