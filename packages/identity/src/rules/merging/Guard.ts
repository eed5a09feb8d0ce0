import type { DistinctId } from "../../event/DistinctId.ts"
import type { JsonObject } from "../../encoding/Json.ts"
import type { GuardMode, Policy } from "../../policy/Policy.ts"
import type { Component, Joined } from "../../state/Component.ts"
import { type Step, warn } from "../EventStep.ts"
import type { WarningType } from "../../state/Warning.ts"

const hour = 3_600_000

/** The count after `added` more ids; it begins anew an hour after it began. */
export const joinedAfter = (
  policy: Policy,
  joined: Joined | undefined,
  added: number,
  now: number,
): Joined | undefined => {
  if (policy.guard_new_ids_per_hour === "off") return undefined
  return joined === undefined || now - joined.since >= hour
    ? { since: now, count: added }
    : { since: joined.since, count: joined.count + added }
}

/** What a link would do: ids that join a person, or two persons that become one. */
export interface Link {
  readonly target: DistinctId
  readonly source: DistinctId
  /** The person that would stay, if there is one already. */
  readonly into: Component | undefined
  /** How many ids would join it. */
  readonly added: number
  readonly joinsIdentified: boolean
}

type Guard = readonly [GuardMode, WarningType, (step: Step, link: Link) => JsonObject | undefined]

const guardsOf = (policy: Policy): ReadonlyArray<Guard> => [
  [policy.guard_ids_per_person, "guard_ids_per_person", tooManyIds],
  [policy.guard_new_ids_per_hour, "guard_new_ids_per_hour", tooManyAnHour],
  [policy.guard_refusals_per_id, "guard_refusals_per_id", tooManyRefusals],
  [policy.guard_identified_parts, "guard_identified_parts", bothIdentified],
]

const isAllOff = (policy: Policy): boolean =>
  policy.guard_ids_per_person === "off" &&
  policy.guard_new_ids_per_hour === "off" &&
  policy.guard_refusals_per_id === "off" &&
  policy.guard_identified_parts === "off"

const tooManyIds: Guard[2] = ({ identity: { policy } }, { into, added }) => {
  const ids = (into?.size ?? 0) + added
  const max = policy.guard_ids_per_person_max
  return ids > max ? { ids, max } : undefined
}

const tooManyAnHour: Guard[2] = (step, { into, added }) => {
  const { policy } = step.identity
  const ids = joinedAfter(policy, into?.joined, added, step.recordedAt)?.count ?? 0
  const max = policy.guard_new_ids_per_hour_max
  return ids > max ? { ids, max } : undefined
}

const tooManyRefusals: Guard[2] = ({ identity }, { target, source }) => {
  const max = identity.policy.guard_refusals_per_id_max
  const refused = [target, source].find((id) => (identity.refusals.get(id) ?? 0) >= max)
  return refused === undefined
    ? undefined
    : { refusedDistinctId: refused, refusals: identity.refusals.get(refused) ?? 0, max }
}

const bothIdentified: Guard[2] = (_, { joinsIdentified }) => (joinsIdentified ? {} : undefined)

/** True where a guard refuses the link; one that only observes warns of what it would have done (SPEC §6). */
export const refuses = (step: Step, link: Link): boolean => {
  if (isAllOff(step.identity.policy)) return false
  for (const [mode, type, check] of guardsOf(step.identity.policy)) {
    const found = mode === "off" ? undefined : check(step, link)
    if (found === undefined) continue
    warn(step, type, {
      targetPersonDistinctId: link.target,
      sourcePersonDistinctId: link.source,
      distinctId: step.event.distinctId,
      refused: mode === "enforce",
      ...found,
    })
    if (mode === "enforce") return true
  }
  return false
}

/** Counts a refusal of both ids, while a guard asks for that. */
export const countRefusal = (step: Step, ids: ReadonlyArray<DistinctId>): void => {
  const { identity, position } = step
  if (identity.policy.guard_refusals_per_id === "off") return
  for (const distinctId of ids) {
    const count = (identity.refusals.get(distinctId) ?? 0) + 1
    step.changes.push({ _tag: "RefusalCounted", position, distinctId, count })
  }
}
