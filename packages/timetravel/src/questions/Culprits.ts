import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { Turns } from "@onymous/persons/rows/WorkInTurns"
import type { History, Link } from "../history/History.ts"
import * as Bridges from "./Bridges.ts"
import * as Why from "./Why.ts"

/** A link whose loss would leave two parts, and the ids of each: first the part of the link's target. */
export interface Culprit {
  readonly link: Link
  readonly parts: readonly [ReadonlyArray<DistinctId>, ReadonlyArray<DistinctId>]
}

/** How many links are told: each with all ids of the person. */
const culpritsMax = 100

/** The links of a person whose loss splits it, those that leave two large parts first, and only so many (DESIGN §6). In turns. */
export const culprits = function* (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): Turns<ReadonlyArray<Culprit>> {
  const effective = yield* history.effectiveInTurns(at)
  return culpritsOf(effective, id, at)
}

const culpritsOf = (history: History, id: DistinctId, at: Position): ReadonlyArray<Culprit> => {
  const ids = new Set(history.personAt(id, at)?.distinctIds ?? [])
  const links = Why.linksBetween(history, at).filter(
    ({ target, source }) => ids.has(target) && ids.has(source) && target !== source,
  )
  const order = Bridges.walk(ids, links)
  const places = new Map(order.map((visited, place) => [visited.id, place]))
  const placed = Array.from(ids, (each) => ({ id: each, place: places.get(each) ?? 0 }))
  const found = order.flatMap((visited, place) => {
    const { by: link, size, start } = visited
    if (link === undefined || !Bridges.isBridge(visited, place)) return []
    const end = start + (order[start]?.size ?? 0)
    const isTarget = visited.id === link.target
    const length = isTarget ? size : end - start - size
    return [{ link, place, size, isTarget, smaller: Math.min(length, ids.size - length) }]
  })
  return found
    .toSorted((a, b) => b.smaller - a.smaller || a.link.event.position - b.link.event.position)
    .slice(0, culpritsMax)
    .map(({ link, place, size, isTarget }): Culprit => {
      // The ids are sorted once: a person may have very many.
      const [through, others]: [Array<DistinctId>, Array<DistinctId>] = [[], []]
      for (const each of placed) {
        const isThrough = each.place >= place && each.place < place + size
        if (isThrough) through.push(each.id)
        else others.push(each.id)
      }
      return { link, parts: isTarget ? [through, others] : [others, through] }
    })
}
