import type { Policy, PolicyChange } from "./Policy.ts"
import { presets } from "./Presets.ts"

/** A policy after a change. */
export const change = (policy: Policy, wanted: PolicyChange): Policy => ({
  ...(wanted.preset === undefined ? policy : presets[wanted.preset]),
  ...wanted,
})
