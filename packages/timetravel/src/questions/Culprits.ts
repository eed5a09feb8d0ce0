import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { Turns } from "@onymous/persons/rows/WorkInTurns"
import type { History, Link } from "../history/History.ts"
import * as Bridges from "./Bridges.ts"
import * as Why from "./Why.ts"

/** A link whose loss would split the person, and the ids of both parts, that of the link's target first. */
export interface Culprit {
  readonly link: Link
  readonly parts: readonly [ReadonlyArray<DistinctId>, ReadonlyArray<DistinctId>]
}

/** A link whose loss would leave two parts: one of them has a stretch of the person's ids, the other one the rest. */
export interface Split {
  readonly link: Link
  /** Where the stretch begins in `ids`, and how long it is. */
  readonly place: number
  readonly size: number
  /** True where the link's target is in the stretch. */
  readonly isTarget: boolean
}

/** The links of a person whose loss splits it, those that leave two large parts first. */
export interface Splits {
  /** All ids of the person, in the order in which its links lead to them. */
  readonly ids: ReadonlyArray<DistinctId>
  readonly splits: ReadonlyArray<Split>
}

/** At most this many links are listed, because each has all ids of the person. */
const culpritsMax = 100

/**
 * The links whose loss would split a person, in turns: those with the largest smaller part first, at most
 * `culpritsMax` (DESIGN §6).
 */
export const culprits = function* (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): Turns<ReadonlyArray<Culprit>> {
  return partsOf(yield* splits(history, id, at))
}

const partsOf = ({ ids, splits: found }: Splits): ReadonlyArray<Culprit> => {
  // The ids are sorted once: a person may have very many.
  const placed = Array.from(ids, (id, place) => ({ id, place })).toSorted((a, b) =>
    a.id < b.id ? -1 : 1,
  )
  return found.slice(0, culpritsMax).map(({ link, place, size, isTarget }): Culprit => {
    const [through, others]: [Array<DistinctId>, Array<DistinctId>] = [[], []]
    for (const each of placed) {
      const isThrough = each.place >= place && each.place < place + size
      if (isThrough) through.push(each.id)
      else others.push(each.id)
    }
    return { link, parts: isTarget ? [through, others] : [others, through] }
  })
}

/** The same links, without the ids of each part, which are many where a person has many: in turns. */
export const splits = function* (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): Turns<Splits> {
  return splitsOf(yield* history.effectiveInTurns(at), id, at)
}

const splitsOf = (history: History, id: DistinctId, at: Position): Splits => {
  const ids = new Set(history.personAt(id, at)?.distinctIds ?? [])
  const links = Why.linksBetween(history, at).filter(
    ({ target, source }) => ids.has(target) && ids.has(source) && target !== source,
  )
  const order = Bridges.walk(ids, links)
  const found = order.flatMap((visited, place) => {
    const { by: link, size, start } = visited
    if (link === undefined || !Bridges.isBridge(visited, place)) return []
    const end = start + (order[start]?.size ?? 0)
    const isTarget = visited.id === link.target
    const length = isTarget ? size : end - start - size
    return [{ link, place, size, isTarget, smaller: Math.min(length, ids.size - length) }]
  })
  return {
    ids: order.map((visited) => visited.id),
    splits: found.toSorted(
      (a, b) => b.smaller - a.smaller || a.link.event.position - b.link.event.position,
    ),
  }
}
