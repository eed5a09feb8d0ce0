import * as SafePattern from "./SafePattern.ts"
import { Policy } from "./Policy.ts"

const quoted = /^(["'])(.*)\1$/s

const isListed = (policy: Policy, id: string): boolean =>
  policy.illegal_ids_exact.includes(id) || policy.illegal_ids_any_case.includes(id.toLowerCase())

const isOwn = (policy: Policy, id: string): boolean =>
  policy.own_illegal_ids.includes(id) ||
  policy.own_illegal_patterns.some((pattern) => SafePattern.isIn(pattern, id))

/** True for an id that no merge accepts (SPEC §1, P12–P15). */
export const isIllegal = (policy: Policy, id: string): boolean => {
  if (id.trim() === "" || isListed(policy, id) || isOwn(policy, id)) return true
  // The decoder turned each NUL into U+FFFD, and cut what is longer than PostHog takes.
  if (policy.unusable_ids_illegal && id.includes("\uFFFD")) return true
  const inner = policy.quoted_ids_illegal ? quoted.exec(id)?.[2] : undefined
  return inner !== undefined && isListed(policy, inner)
}
