import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { History } from "@onymous/timetravel/history/History"
import * as Why from "@onymous/timetravel/questions/Why"
import { type Merged, mergedBy } from "../past/Lost.ts"
import { countEvents, identifiedSince } from "../past/PersonFacts.ts"
import { type Part, type WeakLink, weakLinks } from "../past/WeakLinks.ts"

/** A part that a person would fall into. */
export interface FallenPart {
  readonly ids: number
  readonly events: number
}

/** A link of a chain, and what it did. */
export interface ToldStep {
  readonly step: Why.Step
  /** Where it merged two persons. */
  readonly merged: Merged | undefined
  /** What they would fall into without it, where it is a weak link: the larger part first. */
  readonly weak: readonly [FallenPart, FallenPart] | undefined
  /** Which of its two ids it brought in as a new one. */
  readonly newcomer: "target" | "source" | undefined
}

/** A merge that was refused, and the later ones that were refused in the same way. */
export interface ToldRefusal {
  readonly event: Recorded
  readonly target: string
  readonly source: string
  readonly outcome: string
  /** The question of the check that refused it, with its answer. */
  readonly check: string
  /** Where the source was identified, if that is why. */
  readonly identifiedAt: number | undefined
  readonly remedy: string
  readonly again: ReadonlyArray<number>
}

/** Two ids were one person for a while. */
export interface Separation {
  readonly event: Recorded
  readonly from: number | undefined
}

/** Why two ids are one person, or what kept them apart. */
export interface Told {
  readonly isSame: boolean
  readonly since: number | undefined
  readonly steps: ReadonlyArray<ToldStep>
  readonly refusals: ReadonlyArray<ToldRefusal>
  readonly separations: ReadonlyArray<Separation>
  readonly unseen: ReadonlyArray<string>
}

const isOne = (history: History, a: DistinctId, b: DistinctId, at: number): boolean => {
  const component = history.componentAt(a, at)
  return component !== undefined && component === history.componentAt(b, at)
}

/** Where two ids that are one person at a position became so. */
const oneSince = (
  history: History,
  a: DistinctId,
  b: DistinctId,
  at: number,
): number | undefined => {
  const starts = [...history.membershipsOf(a), ...history.membershipsOf(b)].map(({ from }) => from)
  return starts
    .filter((from) => from <= at)
    .toSorted((one, other) => other - one)
    .find((from) => isOne(history, a, b, from) && !isOne(history, a, b, from - 1))
}

const stepOf = (
  history: History,
  step: Why.Step,
  weak: ReadonlyArray<WeakLink>,
  at: number,
): ToldStep => {
  const { link } = step
  const parts = weak.find((each) => each.link.position === link.position)?.parts
  const counted = ({ size, ids }: Part): FallenPart => ({
    ids: size,
    events: countEvents(history, ids, at),
  })
  const isNew = (id: DistinctId) => history.componentAt(id, link.position - 1) === undefined
  return {
    step,
    merged: mergedBy(history, link),
    weak: parts && [counted(parts[0]), counted(parts[1])],
    newcomer: link.outcome !== "attached" ? undefined : isNew(link.target) ? "target" : "source",
  }
}

const refusalsOf = (history: History, answer: Why.Answer, at: number): Array<ToldRefusal> => {
  const told: Array<ToldRefusal> = []
  const links = new Map(history.linksAt(Position(at)).map((link) => [link.event.position, link]))
  for (const warning of answer.refusals) {
    const link = links.get(warning.position)
    if (link === undefined) continue
    const { event, target, source, outcome } = link
    const like = told.find(
      (each) => each.target === target && each.source === source && each.outcome === outcome,
    )
    if (like !== undefined) {
      told[told.indexOf(like)] = { ...like, again: [...like.again, event.position] }
      continue
    }
    const person = history.versionAt(source, link.position)
    told.push({
      event,
      target,
      source,
      outcome,
      check: checkOf(warning.type, { target, source, policy: history.policyAt(link.position) }),
      identifiedAt: person && identifiedSince(history, person.id, link.position),
      remedy: remedyOf(warning.type),
      again: [],
    })
  }
  return told
}

const checkOf = (warning: string, ids: MergeChecks.Ids): string => {
  const check = MergeChecks.checks.find((each) => each.warning === warning)
  return check === undefined ? warning : `${check.question(ids)} ${check.stop}`
}

/** What would make a refused merge pass; of two identified persons, as a person says it. */
const remedyOf = (warning: string): string =>
  warning === "cannot_merge_already_identified"
    ? "Call reset() before somebody else logs in on the same device. If they are the same human, an operator merges them by hand."
    : (MergeChecks.remedies.get(warning) ??
      "Change the rule, or send other ids: then the next event of this kind passes.")

/** Tells why two ids are one person at a position, or are not. */
export const told = (history: History, from: string, to: string, at: number): Told => {
  const [a, b] = [DistinctId(from), DistinctId(to)]
  const answer = Why.why(history, a, b, Position(at))
  const weak = answer.isSame ? weakLinks(history, from, at) : []
  return {
    isSame: answer.isSame,
    since: answer.isSame ? oneSince(history, a, b, at) : undefined,
    steps: answer.chain
      .map((step) => stepOf(history, step, weak, at))
      .toSorted((one, other) => one.step.link.position - other.step.link.position),
    refusals: refusalsOf(history, answer, at),
    separations: answer.separations.map((event) => ({
      event,
      from: oneSince(history, a, b, event.position - 1),
    })),
    unseen: answer.unseen,
  }
}
