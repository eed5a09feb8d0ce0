import * as SafePattern from "./SafePattern.ts"
import type { Policy } from "./Policy.ts"

const quoted = /^(["'])(.*)\1$/s

/** The policy's list on which an id stands. */
const listOf = (policy: Policy, id: string): string | undefined => {
  if (policy.illegal_ids_exact.includes(id)) return "illegal_ids_exact"
  return policy.illegal_ids_any_case.includes(id.toLowerCase()) ? "illegal_ids_any_case" : undefined
}

const ownListOf = (policy: Policy, id: string): string | undefined => {
  if (policy.own_illegal_ids.includes(id)) return "own_illegal_ids"
  return policy.own_illegal_patterns.some((pattern) => SafePattern.isIn(pattern, id))
    ? "own_illegal_patterns"
    : undefined
}

/**
 * The field of the policy for which no merge accepts an id, or `blank`; undefined for a legal one (SPEC
 * §1, P12–P15).
 */
export const ruleAgainst = (policy: Policy, id: string): string | undefined => {
  if (id.trim() === "") return "blank"
  const list = listOf(policy, id) ?? ownListOf(policy, id)
  if (list !== undefined) return list
  // The decoder turned each NUL into U+FFFD, and cut what is longer than PostHog takes.
  if (policy.unusable_ids_illegal && id.includes("\uFFFD")) return "unusable_ids_illegal"
  const inner = policy.quoted_ids_illegal ? quoted.exec(id)?.[2] : undefined
  return inner === undefined || listOf(policy, inner) === undefined
    ? undefined
    : "quoted_ids_illegal"
}

/** True for an id that no merge accepts. */
export const isIllegal = (policy: Policy, id: string): boolean =>
  ruleAgainst(policy, id) !== undefined
