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
 * An event of a chain is necessary where the two ids are not one person without it. To fold the log without each
 * of them in turn would be quadratic in what clients chose, so that most are decided without a fold:
 *
 *   - No two ids become one person but by events that name two ids. Where without an event no way leads from
 *     one id to the other along these, it is necessary, whatever the rules are.
 *   - Where no guard refuses, two identified persons stay two unless a merge is forced, and whoever has two ids
 *     is identified. So each link of a person but its first one takes in a newcomer that was alone, or is
 *     forced. Without the link of a newcomer, that is alone until the next event that names it with another id,
 *     which decides: it makes the newcomer one with an id of the same person after all, or identifies it apart.
 *   - What is identified apart is made one later by a forced merge, and by nothing else: one that found the two
 *     ids it names one person already, and leads around the event.
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

/** The events of a chain of which each alone, left out, keeps its two ids apart: in turns. */
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

/** The positions of the events without which some ids are named together with an id in no way. */
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

const isGuarded = (policy: Policy): boolean =>
  MergeChecks.checks.some(({ mode }) => mode?.(policy) === "enforce")

/** True for an event that would merge any two persons, under rules that let it. */
const wouldForce = ({ event }: Recorded): boolean =>
  event._tag === "Captured" && event.name === "$merge_dangerously" && event.source !== undefined

/** True where only events of clients are about persons, no guard refuses, and what is forced is always forced. */
const isPlain = (history: History, past: ReadonlyArray<Recorded>, at: Position): boolean => {
  const changed = history.tables.policies.filter(({ from }) => from <= at)
  const policies = [history.startPolicy, ...changed.map(({ policy }) => policy)]
  if (policies.some(isGuarded)) return false
  // Without an event, one that would force may wait for other rules.
  const isSteady = new Set(policies.map(({ merge_dangerously }) => merge_dangerously)).size === 1
  return past.every((recorded) => {
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

/** The ids that links have taken in, and what is said of them later. */
class Newcomers {
  readonly #history: History
  readonly #at: Position
  /** The links of each id, in order, but for those that an illegal id refused: they change nothing. */
  readonly #linksOf = new Map<DistinctId, Array<Link>>()
  /** The events of each id, in order. */
  readonly #eventsOf = new Map<DistinctId, Array<Recorded>>()
  /** The positions of links around which no forced merge leads; undefined where none found one person already. */
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

  /** Undefined where a fold has to tell. */
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

  /** True where no forced merge makes one again of what is identified apart without a link. */
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
        // It may take the newcomer to another person, which a forced merge made one with this one later.
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
    const own = (this.#eventsOf.get(newcomer) ?? []).filter(
      ({ position }) => position < next.position && position !== link.event.position,
    )
    const isBornAt = ({ event, position }: Recorded) =>
      event._tag === "Captured" && bears(event, this.#history.policyAt(position))
    if (own.some(isBornAt)) return true
    return own.length === 0 ? false : undefined
  }
}

/** True for an event that gives its id a person at once. */
const bears = (event: Captured, policy: Policy): boolean =>
  event.facts.invalidUuid === undefined &&
  !Personless.isPersonless(policy, event) &&
  !Buffer.mayHold(policy, event)
