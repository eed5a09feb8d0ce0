import type { Captured } from "../event/Event.ts"
import * as Personless from "./Personless.ts"
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

/** True for an event that asks to merge under a policy that lets it. */
const isMerge = (event: Captured, policy: Policy): boolean =>
  event.name === "$merge_dangerously" && policy.merge_dangerously && event.source !== undefined

/**
 * True for an event that the policy lets wait where its id has no person: an event that merges is not
 * among them, nor one of a device, because a device merges its ids itself (SPEC §4, P45).
 */
export const mayHold = (policy: Policy, event: Captured): boolean =>
  policy.buffer_enabled &&
  event.facts.isDevice !== true &&
  event.facts.invalidUuid === undefined &&
  !neverWaiting.has(event.name) &&
  !mobileLibraries.has(event.facts.lib ?? "") &&
  !isMerge(event, policy) &&
  !Personless.isPersonless(policy, event)

/** True if the event waits: the policy lets it, and its id has no person. */
export const holds = (identity: Identity, event: Captured): boolean =>
  mayHold(identity.policy, event) && !identity.components.has(event.distinctId)

/** The time at which an event that waits is due. */
export const dueAt = (policy: Policy, recordedAt: number): number =>
  recordedAt + policy.buffer_window_seconds * 1000
