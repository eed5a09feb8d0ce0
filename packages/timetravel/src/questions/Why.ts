import * as Identity from "@onymous/identity/Identity"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import { namedBy } from "@onymous/identity/event/NamedIds"
import { Position } from "@onymous/identity/event/Position"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { Warning } from "@onymous/identity/state/Warning"
import { releaseAndStepAll } from "@onymous/identity/rules/ReleaseAndStep"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { before, type History, type Link } from "../history/History.ts"
import * as Necessity from "./Necessity.ts"

type Turns<A> = WorkInTurns.Turns<A>

/** A link of a chain, in the chain's direction. */
export interface Step {
  readonly link: Link
  readonly from: DistinctId
  readonly to: DistinctId
}

/** The reason for which two distinct ids are one person, or are not. */
export interface Answer {
  readonly isSame: boolean
  /** The fewest events that make the two ids one person, from the first id to the second. */
  readonly chain: ReadonlyArray<Step>
  /** The warnings of refused merges between the two; empty where no event named both. */
  readonly refusals: ReadonlyArray<Warning>
  /** The splits, deletions and retractions at which the two ceased to be one person. */
  readonly separations: ReadonlyArray<Recorded>
  /** Those of the two ids that no event had named by then. */
  readonly unseen: ReadonlyArray<DistinctId>
}

const joining = new Set([...Necessity.uniting, "already_one"])

/**
 * For each distinct id that a split or a deletion took out of its person, the last such position.
 */
const cutsAt = (history: History, at: number): ReadonlyMap<DistinctId, Position> => {
  const cuts = new Map<DistinctId, Position>()
  for (const { position, ids } of history.cuts) {
    if (position > at) break
    for (const id of ids) cuts.set(id, position)
  }
  return cuts
}

/** The links with one of the outcomes that no later split or deletion undid. */
export const linksBetween = (
  history: History,
  at: number,
  outcomes: ReadonlySet<string> = joining,
): ReadonlyArray<Link> => {
  const cuts = cutsAt(history, at)
  return history
    .linksAt(at)
    .filter(
      ({ outcome, position, target, source }) =>
        outcomes.has(outcome) &&
        position > (cuts.get(target) ?? 0) &&
        position > (cuts.get(source) ?? 0),
    )
}

/** The shortest chain of links between two ids; among equally short chains, the earliest links. */
const shortest = (
  links: ReadonlyArray<Link>,
  from: DistinctId,
  to: DistinctId,
): ReadonlyArray<Step> | undefined => {
  const edges = new Map<DistinctId, Array<Step>>()
  const add = (step: Step) => {
    const steps = edges.get(step.from)
    if (steps === undefined) edges.set(step.from, [step])
    else steps.push(step)
  }
  for (const link of links) {
    add({ link, from: link.source, to: link.target })
    add({ link, from: link.target, to: link.source })
  }
  const reached = new Map<DistinctId, Step | undefined>([[from, undefined]])
  for (const id of reached.keys()) {
    if (id === to) break
    for (const step of edges.get(id) ?? []) if (!reached.has(step.to)) reached.set(step.to, step)
  }
  if (!reached.has(to)) return undefined
  const chain: Array<Step> = []
  for (let step = reached.get(to); step !== undefined; step = reached.get(step.from)) {
    chain.push(step)
  }
  return chain.reverse()
}

/** Gives an assembled log positions without gaps and times that never decrease. */
const renumber = (log: ReadonlyArray<Omit<Recorded, "position">>): ReadonlyArray<Recorded> => {
  let last = Number.NEGATIVE_INFINITY
  return log.map(({ event, recordedAt }, index) => {
    last = Math.max(last, recordedAt)
    return { position: Position(index + 1), recordedAt: last, event }
  })
}

/**
 * Adds a tick at the whole log's last time, so that an event waits here only if it still waits
 * there.
 */
const untilEnd = (log: ReadonlyArray<Recorded>, history: History): ReadonlyArray<Recorded> => {
  const end = history.log.at(-1)?.recordedAt
  if (end === undefined) return log
  const event = { _tag: "Ticked" as const, uuid: "00000000-0000-5000-8000-000000000000" }
  return [...log, { position: Position(log.length + 1), recordedAt: end, event }]
}

/**
 * An operator merges only persons that exist: an event of each id, placed before the log's policy
 * changes, creates them.
 */
const personsOf = (events: ReadonlyArray<Recorded>): ReadonlyArray<Omit<Recorded, "position">> =>
  events.flatMap(({ recordedAt, event }) => {
    if (event._tag !== "PersonsMerged") return []
    const facts = { isDevice: true } as const
    return [event.distinctId, event.source].map((distinctId) => ({
      recordedAt,
      event: { _tag: "Captured" as const, uuid: event.uuid, name: "seen", distinctId, facts },
    }))
  })

/**
 * True if these events, under the log's policy changes and without its other events, make two ids
 * one person.
 */
export const joinAlone = function* (
  history: History,
  events: ReadonlyArray<Recorded>,
  from: DistinctId,
  to: DistinctId,
): Turns<boolean> {
  const wanted = new Set(events.map(({ position }) => position))
  const isKept = ({ position, event }: Recorded) =>
    wanted.has(position) || event._tag === "PolicyChanged"
  const log = renumber([...personsOf(events), ...history.log.filter(isKept)])
  const alone = Identity.empty(history.project, history.startPolicy)
  yield* releaseAndStepAll(alone, untilEnd(log, history))
  const component = alone.components.get(from)
  return component !== undefined && component === alone.components.get(to)
}

/**
 * The chain that makes two distinct ids one person at a position, or the refusals and separations
 * (SPEC §8).
 */
export const why = (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position = history.head,
): Answer => WorkInTurns.atOnce(whyInTurns(history, from, to, at))

/** The same in turns, because clients choose how many events name the two ids. */
export const whyInTurns = function* (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position,
): Turns<Answer> {
  const effective = yield* history.effectiveInTurns(at)
  const answer = yield* whyOf(effective, from, to, at)
  const separations = answer.isSame ? [] : separationsOf(history, from, to, at)
  const unseen = answer.isSame ? [] : unseenOf(history, new Set([from, to]), at)
  return { ...answer, separations, unseen }
}

const unseenOf = (
  history: History,
  ids: ReadonlySet<DistinctId>,
  at: Position,
): ReadonlyArray<DistinctId> => {
  const unseen = new Set(ids)
  for (const { event, position } of history.log) {
    if (position > at || unseen.size === 0) break
    for (const id of namedBy(event)) unseen.delete(id)
  }
  return [...unseen]
}

const isOne = (history: History, from: DistinctId, to: DistinctId, at: Position): boolean => {
  const component = history.componentAt(from, at)
  return component !== undefined && component === history.componentAt(to, at)
}

/** The events at which two ids ceased to be one person. */
const separationsOf = (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position,
): ReadonlyArray<Recorded> =>
  history.log.filter(
    ({ event, position }) =>
      Identity.needsWhole(event) &&
      position <= at &&
      isOne(history, from, to, before(position)) &&
      !isOne(history, from, to, position),
  )

const whyOf = function* (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position,
): Turns<Omit<Answer, "separations" | "unseen">> {
  const isSame = isOne(history, from, to, at)
  if (!isSame) return { isSame, chain: [], refusals: refusalsOf(history, from, to, at) }
  if (from === to) return { isSame, chain: [], refusals: [] }
  const any = shortest(linksBetween(history, at), from, to)
  // A redundant link may be refused where earlier links are left out, so the chain is tried
  // alone.
  const isEnough = any !== undefined && (yield* joinAlone(history, eventsOf(any), from, to))
  const chain = isEnough ? any : shortest(linksBetween(history, at, Necessity.uniting), from, to)
  return { isSame, chain: chain ?? [], refusals: [] }
}

export const eventsOf = (chain: ReadonlyArray<Step>): ReadonlyArray<Recorded> =>
  chain.map(({ link }) => link.event)

const refusalsOf = (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position,
): ReadonlyArray<Warning> => {
  const idsOf = (id: DistinctId) => new Set(history.personAt(id, at)?.distinctIds ?? [id])
  const [a, b] = [idsOf(from), idsOf(to)]
  return history
    .linksAt(at)
    .filter(
      ({ outcome, target, source }) =>
        MergeChecks.isRefusal(outcome) &&
        ((a.has(target) && b.has(source)) || (b.has(target) && a.has(source))),
    )
    .flatMap(({ event }) => history.warningOf(event) ?? [])
}

/** The events without which, each by itself, two ids of one person would be apart, in turns. */
export const undo = function* (
  history: History,
  from: DistinctId,
  to: DistinctId,
  at: Position = history.head,
): Turns<ReadonlyArray<Recorded>> {
  const effective = yield* history.effectiveInTurns(at)
  const chain = shortest(linksBetween(effective, at, Necessity.uniting), from, to) ?? []
  const links = chain.map(({ link }) => link)
  return yield* Necessity.necessary({ history: effective, links, from, to, at })
}
