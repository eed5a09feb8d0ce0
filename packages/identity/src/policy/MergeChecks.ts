import { empty, type JsonObject } from "../encoding/Json.ts"
import * as IllegalId from "./IllegalId.ts"
import { type Joined, joinedAfter } from "./JoinedCount.ts"
import type { GuardMode, Policy } from "./Policy.ts"

/** The two ids of an event that asks to merge `source` into `target`. */
export interface Ids {
  readonly policy: Policy
  readonly target: string
  readonly source: string
}

/** One of the two ids with its person, as far as checks read them. */
export interface Side {
  readonly hasPerson: boolean
  /** The person's id, or the id of the person that the distinct id would found. */
  readonly personId: string
  readonly isIdentified: boolean
  /** Distinct ids of the person; 1 for an id without a person. */
  readonly size: number
  readonly joined: Joined | undefined
  /** Refusals of the id, counted while a guard needs them. */
  readonly refusals: number
}

/** A merge that an event asks for, with the two persons before it. */
export interface MergeRequest extends Ids {
  readonly ofTarget: Side
  readonly ofSource: Side
  /**
   * True where no identified person stops the merge: an operator's merge, or `$merge_dangerously`.
   */
  readonly isForced: boolean
  readonly recordedAt: number
}

/** A check of a merge, and the result for the event where it stops the merge. */
interface Check {
  readonly id: string
  /** The question in words, with the answers that let the merge pass or stop it. */
  readonly question: (ids: Ids) => string
  readonly pass: string
  readonly stop: string
  /** A guard's mode under a policy; a check without a mode always stops the merge. */
  readonly mode: ((policy: Policy) => GuardMode) | undefined
  /**
   * The outcome of the link (SPEC §2); undefined where the two ids are one, because that makes no
   * link. `isRefusal` knows a refusal by its first word.
   */
  readonly outcome: `refused_${string}` | "already_one" | undefined
  readonly warning: string | undefined
  /** The sentence that tells the reader of the warning how the event would pass. */
  readonly remedy: string | undefined
  /** True where the stopped event still identifies the target (P9, P16). */
  readonly identifiesTarget: boolean
  /** True where the refusal counts for both ids, while a guard needs the count. */
  readonly isCounted: boolean
}

/** A check of the ids alone: ids that it stops can become one person in no what-if. */
interface IdCheck extends Check {
  readonly looksAt: "ids"
  /** The warning's details where the check stops the merge; undefined where it passes. */
  readonly objection: (ids: Ids) => JsonObject | undefined
}

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

/** Stops a merge of an id that the policy lists as illegal (P12–P15). */
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

/**
 * Stops a merge that would take an identified source; policies differ on a target without a person
 * (P7, P9).
 */
const identifiedSource = {
  id: "identified_source",
  looksAt: "persons",
  question: ({ source }: Ids) => `is ${source} refused for being identified?`,
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

/** The fields of a policy that set a guard's mode. */
type GuardName = {
  [Field in keyof Policy]: Policy[Field] extends GuardMode ? Field : never
}[keyof Policy]

/** A check that the policy field of the same name turns on (SPEC §6). */
const guard = <const Name extends GuardName>(
  id: Name,
  {
    question,
    remedy,
    excess,
  }: {
    readonly question: (ids: Ids) => string
    readonly remedy: string
    /** The count that exceeds the threshold, with the threshold; undefined where none does. */
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

/** The checks of a merge, in their order (SPEC §2, §6; P2). */
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

export type Listed = (typeof checks)[number]

/** The outcomes of a stopped merge. */
export type StoppedOutcome = Exclude<Listed["outcome"], undefined>

/** True for the outcome of a merge that the rules refused. */
export const isRefusal = (outcome: string): boolean => outcome.startsWith("refused_")

/** The warnings of the checks. */
export type MergeWarning = Exclude<Listed["warning"], undefined>

/** The remedy of each check, by its warning. */
export const remedies: ReadonlyMap<string, string> = new Map(
  checks.flatMap(({ warning, remedy }) => (warning === undefined ? [] : [[warning, remedy]])),
)

/** The result of the checks of a merge. */
export interface Verdict {
  /** The check that stops the merge; undefined where the merge may happen. */
  readonly stoppedBy: Listed | undefined
  /** The warnings of observing guards, and of the check that stops the merge. */
  readonly warnings: ReadonlyArray<{ readonly type: MergeWarning; readonly details: JsonObject }>
}

const passed: Verdict = { stoppedBy: undefined, warnings: [] }

/** Makes the checks in their order, up to the first that stops the merge. */
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
