import { empty, type JsonObject } from "../encoding/Json.ts"
import * as IllegalId from "./IllegalId.ts"
import { type Joined, joinedAfter } from "./JoinedCount.ts"
import type { GuardMode, Policy } from "./Policy.ts"

/** Two ids that an event names, because it asks to merge `source` into `target`. */
export interface Ids {
  readonly policy: Policy
  readonly target: string
  readonly source: string
}

/** What a check may know of one of the two ids, and of its person. */
export interface Side {
  readonly hasPerson: boolean
  /** The person's id, or the id of the person that the distinct id would found. */
  readonly personId: string
  readonly isIdentified: boolean
  /** How many distinct ids the person has; an id without a person is one. */
  readonly size: number
  readonly joined: Joined | undefined
  /** How often the id was refused, while a guard counts that. */
  readonly refusals: number
}

/** A merge that an event asks for, with the two persons as they are. */
export interface MergeRequest extends Ids {
  readonly ofTarget: Side
  readonly ofSource: Side
  /** The event merges whatever is identified: an operator's merge, or `$merge_dangerously`. */
  readonly isForced: boolean
  readonly recordedAt: number
}

/** A question that stands before a merge, and what becomes of the event where the answer stops it. */
interface Check {
  readonly id: string
  /** The question in words, with the answers that let the merge pass or stop it. */
  readonly question: (ids: Ids) => string
  readonly pass: string
  readonly stop: string
  /** Whether a guard asks the question, and stops the merge or only warns; other checks always stop it. */
  readonly mode: ((policy: Policy) => GuardMode) | undefined
  /** How the link ends (SPEC §2); an event that names one id twice makes none. */
  readonly outcome: string | undefined
  readonly warning: string | undefined
  /** What would make the event pass, in a sentence for the reader of the warning. */
  readonly remedy: string | undefined
  /** The target is identified all the same (P9, P16). */
  readonly identifiesTarget: boolean
  /** The refusal is counted for both ids, while a guard asks for that. */
  readonly isCounted: boolean
}

/** A check that looks at the ids alone: where it stops them, no what-if can make them one person. */
interface IdCheck extends Check {
  readonly looksAt: "ids"
  /** What stops the merge, as the warning's details; undefined where the check holds. */
  readonly objection: (ids: Ids) => JsonObject | undefined
}

/** A check of the two persons. */
interface PersonCheck extends Check {
  readonly looksAt: "persons"
  readonly objection: (request: MergeRequest) => JsonObject | undefined
}

type MergeCheck = IdCheck | PersonCheck

const sameId = {
  id: "same_id",
  looksAt: "ids",
  question: () => "are they the same id?",
  pass: "no",
  stop: "yes: nothing to merge",
  mode: undefined,
  outcome: undefined,
  warning: undefined,
  remedy: undefined,
  identifiesTarget: false,
  isCounted: false,
  objection: ({ target, source }: Ids) => (target === source ? empty : undefined),
} as const

/** An id of nobody (P12–P15). */
const illegal = <const Id extends string>(id: Id, side: "target" | "source") =>
  ({
    id,
    looksAt: "ids",
    question: (ids: Ids) => `may ${ids[side]} be merged?`,
    pass: "yes",
    stop: "no: it is an illegal id",
    mode: undefined,
    outcome: "refused_illegal",
    warning: "cannot_merge_with_illegal_distinct_id",
    remedy:
      "Send a unique id of the user: this one is on the project's list of illegal ids, and usually means that a variable was empty.",
    identifiesTarget: false,
    isCounted: true,
    objection: (ids: Ids) =>
      IllegalId.isIllegal(ids.policy, ids[side])
        ? {
            illegalDistinctId: ids[side],
            otherDistinctId: ids[side === "target" ? "source" : "target"],
            distinctId: ids.target,
          }
        : undefined,
  }) as const

const samePerson = {
  id: "same_person",
  looksAt: "persons",
  question: () => "are they one person already?",
  pass: "no",
  stop: "yes: nothing to merge",
  mode: undefined,
  outcome: "already_one",
  warning: undefined,
  remedy: undefined,
  identifiesTarget: true,
  isCounted: false,
  objection: ({ ofTarget, ofSource }: MergeRequest) =>
    ofTarget.hasPerson && ofSource.hasPerson && ofTarget.personId === ofSource.personId
      ? empty
      : undefined,
} as const

/** An identified person is merged into nobody; policies differ on an id that was never seen (P7, P9). */
const identifiedSource = {
  id: "identified_source",
  looksAt: "persons",
  question: ({ source }: Ids) => `is ${source} identified?`,
  pass: "no",
  stop: "yes: only an anonymous id can be merged",
  mode: undefined,
  outcome: "refused_identified",
  warning: "cannot_merge_already_identified",
  remedy:
    "Only an anonymous id can be merged into another: send the identified id as distinct_id and the anonymous one as $anon_distinct_id or alias, or call reset() before another user logs in on the same device.",
  identifiesTarget: true,
  isCounted: true,
  objection: (request: MergeRequest) => {
    const { target, source, ofTarget, ofSource, policy } = request
    if (!ofSource.isIdentified || request.isForced) return undefined
    if (!ofTarget.hasPerson && policy.identified_source_new_target === "attach") return undefined
    return {
      sourcePersonDistinctId: source,
      targetPersonDistinctId: target,
      distinctId: target,
      sourcePersonId: ofSource.personId,
      targetPersonId: ofTarget.personId,
    }
  },
} as const

/** The fields of a policy that say what a guard does. */
type GuardName = {
  [Field in keyof Policy]: Policy[Field] extends GuardMode ? Field : never
}[keyof Policy]

/** A check that a project turns on, named like the field of the policy that says so (SPEC §6). */
const guard = <const Name extends GuardName>(
  id: Name,
  {
    question,
    remedy,
    excess,
  }: {
    readonly question: (ids: Ids) => string
    readonly remedy: string
    /** What is too much, with its threshold. */
    readonly excess: (request: MergeRequest) => JsonObject | undefined
  },
) =>
  ({
    id,
    looksAt: "persons",
    question,
    pass: "no",
    stop: "yes: a guard refuses",
    mode: (policy: Policy): GuardMode => policy[id],
    outcome: "refused_guard",
    warning: id,
    remedy,
    identifiesTarget: true,
    isCounted: true,
    objection: (request: MergeRequest) => {
      const found = excess(request)
      return (
        found && {
          targetPersonDistinctId: request.target,
          sourcePersonDistinctId: request.source,
          distinctId: request.target,
          refused: request.policy[id] === "enforce",
          ...found,
        }
      )
    },
  }) as const

const idsPerPerson = guard("guard_ids_per_person", {
  question: () => "would one person have too many ids?",
  remedy:
    "One person would have more ids than the project allows: look whether one id is shared by many people, or raise guard_ids_per_person_max.",
  excess: ({ ofTarget, ofSource, policy: { guard_ids_per_person_max: max } }) => {
    const ids = ofTarget.size + ofSource.size
    return ids > max ? { ids, max } : undefined
  },
})

const newIdsPerHour = guard("guard_new_ids_per_hour", {
  question: () => "would too many ids join one person within an hour?",
  remedy:
    "More ids would join one person within an hour than the project allows: look for a shared id, or raise guard_new_ids_per_hour_max.",
  excess: ({ ofTarget, ofSource, policy, recordedAt }) => {
    const [stays, joins] = ofTarget.hasPerson ? [ofTarget, ofSource] : [ofSource, ofTarget]
    const added = stays.hasPerson ? joins.size : stays.size + joins.size
    const ids = joinedAfter(policy, stays.joined, added, recordedAt)?.count ?? 0
    const max = policy.guard_new_ids_per_hour_max
    return ids > max ? { ids, max } : undefined
  },
})

const refusalsPerId = guard("guard_refusals_per_id", {
  question: ({ target, source }) => `was ${target} or ${source} refused too often?`,
  remedy:
    "The id was refused more often than the project allows: find who sends it, or raise guard_refusals_per_id_max.",
  excess: ({ target, source, ofTarget, ofSource, policy: { guard_refusals_per_id_max: max } }) => {
    if (ofTarget.refusals < max && ofSource.refusals < max) return undefined
    const isTarget = ofTarget.refusals >= max
    const { refusals } = isTarget ? ofTarget : ofSource
    return { refusedDistinctId: isTarget ? target : source, refusals, max }
  },
})

const identifiedParts = guard("guard_identified_parts", {
  question: () => "are both persons identified?",
  remedy:
    "Both persons are identified: have an operator merge them, with a reason, if they are one.",
  excess: ({ ofTarget, ofSource }) =>
    ofTarget.isIdentified && ofSource.isIdentified ? empty : undefined,
})

/** What stands before a merge, in the order in which it is asked (SPEC §2, §6; P2). */
export const checks = [
  sameId,
  illegal("illegal_target", "target"),
  illegal("illegal_source", "source"),
  samePerson,
  identifiedSource,
  idsPerPerson,
  newIdsPerHour,
  refusalsPerId,
  identifiedParts,
] as const satisfies ReadonlyArray<MergeCheck>

/** One of them. */
export type Listed = (typeof checks)[number]

/** How a merge ends that a check stops. */
export type StoppedOutcome = Exclude<Listed["outcome"], undefined>

/** The warnings of the checks. */
export type MergeWarning = Exclude<Listed["warning"], undefined>

/** What would make an event pass, by the warning of the check that stops it. */
export const remedies: ReadonlyMap<string, string> = new Map(
  checks.flatMap(({ warning, remedy }) => (warning === undefined ? [] : [[warning, remedy]])),
)

/** What the checks say of a merge. */
export interface Verdict {
  /** The check that stops it; undefined where it may be done. */
  readonly stoppedBy: Listed | undefined
  /** The warnings of guards that observe, and of the check that stops it. */
  readonly warnings: ReadonlyArray<{ readonly type: MergeWarning; readonly details: JsonObject }>
}

const passed: Verdict = { stoppedBy: undefined, warnings: [] }

/** Asks the checks in their order, until one stops the merge. */
export const judge = (request: MergeRequest): Verdict => {
  let { warnings } = passed
  for (const check of checks) {
    const mode = check.mode === undefined ? "enforce" : check.mode(request.policy)
    const details = mode === "off" ? undefined : check.objection(request)
    if (details === undefined) continue
    if (check.warning !== undefined) warnings = [...warnings, { type: check.warning, details }]
    if (mode === "enforce") return { stoppedBy: check, warnings }
  }
  return warnings.length === 0 ? passed : { stoppedBy: undefined, warnings }
}
