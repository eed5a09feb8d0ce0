import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import { namedBy } from "@onymous/identity/event/NamedIds"
import type { Position } from "@onymous/identity/event/Position"
import * as Identity from "@onymous/identity/Identity"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as Buffer from "@onymous/identity/rules/Buffer"
import * as Personless from "@onymous/identity/rules/Personless"
import { releaseAndStepAll } from "@onymous/identity/rules/ReleaseAndStep"
import type { Turns } from "@onymous/persons/rows/WorkInTurns"
import * as EditedLog from "../history/EditedLog.ts"
import { before, type History, type Link } from "../history/History.ts"
import * as Bridges from "./Bridges.ts"

/*
 * An event of a chain is necessary where the two ids are not one person without it. A fold without each event in turn
 * would be quadratic in the number of events, which clients choose, so most events are decided without a fold:
 *
 *   - Only events that name two ids unite ids. An event is necessary, whatever the rules are, where without it no
 *     path of such events leads from one id to the other.
 *   - Where no guard refuses, two identified persons stay two unless a merge is forced, and a person with two ids is
 *     identified. So each link of a person but its first one either takes in a newcomer that was alone, or is
 *     forced. Without its link, a newcomer is alone until the next event that names it with another id. That event
 *     decides: it unites the newcomer with an id of the same person after all, or identifies it apart.
 *   - Only a forced merge unites later what was identified apart. In the log as it is, such a merge found that its
 *     two ids were one person already, and is a path around the event.
 *
 * An example of a newcomer: 1 ann, phone; 2 ann, tablet; 3 bob, tablet (refused); 4 ann, tablet again.
 * Without 2, 3 takes the tablet for bob, and 4 is refused: 2 is necessary, though 4 asks for the same.
 */

/** A chain between two distinct ids of one person, in a log without retractions. */
export interface Chain {
  readonly history: History
  readonly links: ReadonlyArray<Link>
  readonly from: DistinctId
  readonly to: DistinctId
  readonly at: Position
}

/** The necessary events of a chain, in turns. */
export const necessary = function* (chain: Chain): Turns<ReadonlyArray<Recorded>> {
  const { history, links, at } = chain
  const past = history.log.filter(({ position }) => position <= at)
  const only = onlyWays(past, chain.from)
  const newcomers = isPlain(history, past, at) ? new Newcomers(history, past, at) : undefined
  const found: Array<Recorded> = []
  for (const link of links) {
    const isDecided = only.has(link.event.position) || newcomers?.isNecessary(link)
    if (isDecided ?? (yield* isApartWithout(chain, past, link))) found.push(link.event)
  }
  return found
}

/** The positions of events that are the only path from an id to some other ids. */
const onlyWays = (past: ReadonlyArray<Recorded>, from: DistinctId): ReadonlySet<Position> => {
  const joints = past.flatMap(({ event, position }) => {
    const [target, source] = namedBy(event)
    return target === undefined || source === undefined ? [] : [{ target, source, position }]
  })
  return new Set(Bridges.bridges([from], joints).map(({ position }) => position))
}

/** Folds the log without the event of a link. */
const isApartWithout = function* (
  { history, from, to }: Chain,
  past: ReadonlyArray<Recorded>,
  { event: { event } }: Link,
): Turns<boolean> {
  const identity = Identity.empty(history.project, history.startPolicy)
  yield* releaseAndStepAll(identity, EditedLog.without(past, new Set([event.uuid])))
  const component = identity.components.get(from)
  return component === undefined || component !== identity.components.get(to)
}

/** The checks that the shortcuts reckon with; any other that may refuse a merge is as a guard to them. */
const foreseen: ReadonlySet<string> = new Set([
  "same_id",
  "illegal_target",
  "illegal_source",
  "same_person",
  "identified_source",
] satisfies ReadonlyArray<MergeChecks.Listed["id"]>)

const isGuarded = (policy: Policy): boolean =>
  MergeChecks.checks.some(
    ({ id, mode }) => !foreseen.has(id) && (mode === undefined || mode(policy) === "enforce"),
  )

/** True for an event that merges any two persons where the policy allows it. */
const wouldForce = ({ event }: Recorded): boolean =>
  event._tag === "Captured" && event.name === "$merge_dangerously" && event.source !== undefined

/** True where only clients' events are about persons, no guard refuses, and forced merges are allowed always or never. */
const isPlain = (history: History, past: ReadonlyArray<Recorded>, at: Position): boolean => {
  const changed = history.tables.policies.filter(({ from }) => from <= at)
  const policies = [history.startPolicy, ...changed.map(({ policy }) => policy)]
  if (policies.some(isGuarded)) return false
  // Without an event, a forced merge may be released later, under another policy.
  const isSteady = new Set(policies.map(({ merge_dangerously }) => merge_dangerously)).size === 1
  return past.every((recorded): boolean => {
    switch (recorded.event._tag) {
      case "Captured":
        return isSteady || !wouldForce(recorded)
      case "PersonEdited":
      case "PolicyChanged":
      case "Ticked":
        return true
      case "PersonDeleted":
      case "PersonsMerged":
      case "PersonSplit":
      case "Retracted":
        return false
    }
  })
}

/** The outcomes of links that made one person of two ids. */
export const uniting: ReadonlySet<string> = new Set(["created", "attached", "merged"])

const positionsOf = (links: ReadonlyArray<Link>): ReadonlySet<Position> =>
  new Set(links.map(({ event }) => event.position))

const push = <K, A>(lists: Map<K, Array<A>>, key: K, item: A): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/** The newcomers that links have taken in, and their later events. */
class Newcomers {
  readonly #history: History
  readonly #at: Position
  /** Id → its links in order, without those refused for an illegal id, because they change nothing. */
  readonly #linksOf = new Map<DistinctId, Array<Link>>()
  /** Id → its events in order. */
  readonly #eventsOf = new Map<DistinctId, Array<Recorded>>()
  /** The positions of links that no forced merge is a path around; undefined where there is no such merge. */
  readonly #notForced: ReadonlySet<Position> | undefined

  constructor(history: History, past: ReadonlyArray<Recorded>, at: Position) {
    this.#history = history
    this.#at = at
    const joints: Array<Link> = []
    let isForced = false
    for (const link of history.linksAt(at)) {
      if (link.outcome === "refused_illegal") continue
      for (const id of [link.target, link.source]) push(this.#linksOf, id, link)
      const isAround = link.outcome === "already_one" && this.#isForced(link)
      isForced ||= isAround
      if (isAround || uniting.has(link.outcome)) joints.push(link)
    }
    for (const recorded of past) {
      if (recorded.event._tag !== "Captured") continue
      push(this.#eventsOf, recorded.event.distinctId, recorded)
    }
    const ids = this.#linksOf.keys()
    this.#notForced = isForced ? positionsOf(Bridges.bridges(ids, joints)) : undefined
  }

  /** Whether a link is necessary; undefined where only a fold can tell. */
  isNecessary(link: Link): boolean | undefined {
    const newcomer = this.#newcomerOf(link)
    if (newcomer === undefined) return undefined
    if (newcomer === "none") return this.#staysApart(link)
    const next = this.#linksOf.get(newcomer)?.find(({ position }) => position > link.position)
    const isApart = next === undefined || this.#isApartBy(next, newcomer, link)
    return isApart === true ? this.#staysApart(link) : isApart
  }

  #isForced({ event, position }: Link): boolean {
    return wouldForce(event) && this.#history.policyAt(position).merge_dangerously
  }

  /** True where no forced merge later unites what is identified apart without this link. */
  #staysApart({ event }: Link): boolean {
    return this.#notForced === undefined || this.#notForced.has(event.position)
  }

  /**
   * The id that was alone, and not identified, until a link took it into an identified person; `none` where both
   * were identified. Undefined for the link that founds a person: both were alone.
   */
  #newcomerOf({ outcome, position, target, source }: Link): DistinctId | "none" | undefined {
    const then = before(position)
    const isIdentified = (id: DistinctId) =>
      this.#history.versionAt(id, then)?.isIdentified === true
    const [isTarget, isSource] = [isIdentified(target), isIdentified(source)]
    if (isTarget && isSource) return "none"
    const newcomer = isTarget ? source : target
    if (!isTarget && !isSource) return undefined
    const isNew = this.#history.componentAt(newcomer, then) === undefined
    return outcome === "merged" || (outcome === "attached" && isNew) ? newcomer : undefined
  }

  /** True where the next link of a newcomer that is alone identifies it apart from the person of `link`. */
  #isApartBy(next: Link, newcomer: DistinctId, link: Link): boolean | undefined {
    const isSource = next.source === newcomer
    switch (next.outcome) {
      case "already_one":
        return isSource || this.#isForced(next) ? false : this.#isRefused(next, newcomer, link)
      case "refused_identified":
        // It may take the newcomer to another person, with which a forced merge later united this one.
        return !this.#isOneLater(next) || undefined
      case "attached":
        return true
      case "merged":
        return !isSource || this.#isForced(next) || undefined
      case "created":
      case "refused_illegal":
      case "refused_guard":
        return undefined
    }
  }

  #isOneLater({ target, source }: Link): boolean {
    const component = this.#history.componentAt(target, this.#at)
    return component === this.#history.componentAt(source, this.#at)
  }

  /** An identified source is refused, unless the rules attach it to a target that has no person. */
  #isRefused(next: Link, newcomer: DistinctId, link: Link): boolean | undefined {
    const { identified_source_new_target: rule } = this.#history.policyAt(next.position)
    return rule === "refuse" || link.outcome === "merged"
      ? true
      : this.#hasPerson(next, newcomer, link)
  }

  /** True where a newcomer has a person of its own until `next`, if `link` does not give it one. */
  #hasPerson(next: Link, newcomer: DistinctId, link: Link): boolean | undefined {
    const events = (this.#eventsOf.get(newcomer) ?? []).filter(
      ({ position }) => position < next.position && position !== link.event.position,
    )
    const isBornAt = ({ event, position }: Recorded) =>
      event._tag === "Captured" && bears(event, this.#history.policyAt(position))
    if (events.some(isBornAt)) return true
    return events.length === 0 ? false : undefined
  }
}

/** True for an event that gives its id a person at once. */
const bears = (event: Captured, policy: Policy): boolean =>
  event.facts.invalidUuid === undefined &&
  !Personless.isPersonless(policy, event) &&
  !Buffer.mayHold(policy, event)
