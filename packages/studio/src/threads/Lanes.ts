import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { History, Link } from "@onymous/timetravel/history/History"

/** The outcomes of links that made one person of two ids. */
const uniting = new Set<string>(["created", "attached", "merged"])

export const isUniting = ({ outcome }: Link): boolean => uniting.has(outcome)

/** True for a link that was refused because of the two persons; an illegal id is nobody's lane. */
export const isRefusedBetween = ({ outcome }: Link): boolean =>
  MergeChecks.isRefusal(outcome) && outcome !== "refused_illegal"

/** The ids that ever were one person with an id, at whatever moment. */
const companions = (history: History, id: DistinctId): ReadonlySet<DistinctId> => {
  const ids = new Set<DistinctId>([id])
  for (const own of history.membershipsOf(id)) {
    for (const other of history.membershipsIn(own.component)) {
      const isAfter = own.to !== null && other.from >= own.to
      const isBefore = other.to !== null && other.to <= own.from
      if (!isAfter && !isBefore) ids.add(other.distinctId)
    }
  }
  return ids
}

/** The most ids that are shown only because a link to them was refused. */
const strangersMax = 6

/** The ids of a drawing: those of the person, and those with whom an event asked to make it one, in vain. */
export const idsOf = (history: History, id: DistinctId): ReadonlySet<DistinctId> => {
  const own = companions(history, id)
  const strangers = new Set<DistinctId>()
  for (const link of history.linksAt()) {
    if (!isRefusedBetween(link)) continue
    const [isTarget, isSource] = [own.has(link.target), own.has(link.source)]
    if (isTarget !== isSource) strangers.add(isTarget ? link.source : link.target)
  }
  return new Set([...own, ...[...strangers].slice(0, strangersMax)])
}

type Order = ReadonlyArray<DistinctId>

/** Puts two lists of lanes beside each other, so that the lanes of a link are as near as they can be. */
const beside = (a: Order, b: Order, { target, source }: Link): Order => {
  const ways = [
    [...a, ...b],
    [...a, ...b.toReversed()],
    [...a.toReversed(), ...b],
    [...b, ...a],
  ]
  const distance = (way: Order) => Math.abs(way.indexOf(target) - way.indexOf(source))
  return ways.toSorted((one, other) => distance(one) - distance(other))[0] ?? ways.flat()
}

/** The order of lanes in which links join neighbours. */
export const ordered = (ids: ReadonlySet<DistinctId>, links: ReadonlyArray<Link>): Order => {
  const listOf = new Map<DistinctId, Order>([...ids].map((id) => [id, [id]]))
  const join = (link: Link) => {
    const [a, b] = [listOf.get(link.target), listOf.get(link.source)]
    if (a === undefined || b === undefined || a === b) return
    const both = beside(a, b, link)
    for (const id of both) listOf.set(id, both)
  }
  for (const link of links.filter(isUniting)) join(link)
  for (const link of links.filter((each) => !isUniting(each))) join(link)
  return [...new Set(listOf.values())].flat()
}

/** Where the person of an id, or of those that it became one with, was another afterwards. */
export const changesOf = (history: History, id: DistinctId): ReadonlyArray<number> =>
  [...companions(history, id)].flatMap((each) =>
    history.membershipsOf(each).map(({ from }) => Number(from)),
  )
