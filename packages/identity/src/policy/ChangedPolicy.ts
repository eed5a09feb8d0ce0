import { Struct } from "effect"
import type { Policy, PolicyChange } from "./Policy.ts"
import { presets } from "./Presets.ts"

/** A policy after a change. */
export const change = (policy: Policy, wanted: PolicyChange): Policy => ({
  ...(wanted.preset === undefined ? policy : presets[wanted.preset]),
  ...wanted,
})

/**
 * The smallest change that makes a policy of any other: its preset, and the fields in which it
 * differs from that. The read model stores this form, because a field that a later version adds
 * then leaves stored rows as they are.
 */
export const leastChange = (policy: Policy): PolicyChange => {
  const preset = presets[policy.preset]
  const isOwn = (field: keyof Policy) =>
    field === "preset" || JSON.stringify(policy[field]) !== JSON.stringify(preset[field])
  return Struct.pick(policy, Struct.keys(preset).filter(isOwn))
}
