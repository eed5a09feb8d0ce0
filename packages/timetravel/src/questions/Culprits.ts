import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { History, Link } from "../history/History.ts"
import * as Why from "./Why.ts"

/** A link whose loss would leave two parts, and the ids of each: first the part of the link's target. */
export interface Culprit {
  readonly link: Link
  readonly parts: readonly [ReadonlyArray<DistinctId>, ReadonlyArray<DistinctId>]
}

/** How many links are told: each with all ids of the person. */
const culpritsMax = 100

interface Edge {
  readonly link: Link
  readonly to: DistinctId
}

/** An id as a walk along the links, depth first, came by. */
interface Visited {
  readonly id: DistinctId
  /** The link that it was reached by; none for the id that the walk began with. */
  readonly by: Link | undefined
  /** Where in the walk the ids of its part begin: all that links lead to from it. */
  readonly start: number
  /** How many ids were reached through it, itself among them: they follow it. */
  size: number
  /** The first id of the walk to which a link leads from these, beside the one that it was reached by. */
  low: number
}

const edgesOf = (links: ReadonlyArray<Link>): ReadonlyMap<DistinctId, ReadonlyArray<Edge>> => {
  const edges = new Map<DistinctId, Array<Edge>>()
  const add = (from: DistinctId, edge: Edge) => {
    const known = edges.get(from)
    if (known === undefined) edges.set(from, [edge])
    else known.push(edge)
  }
  for (const link of links) {
    add(link.source, { link, to: link.target })
    add(link.target, { link, to: link.source })
  }
  return edges
}

type Edges = ReturnType<typeof edgesOf>

/** Walks along the links, depth first, from each id that was not come by: without recursion, for there may be many. */
const walk = (ids: Iterable<DistinctId>, edges: Edges) => {
  const order: Array<Visited> = []
  const places = new Map<DistinctId, number>()
  const visit = (id: DistinctId, by: Link | undefined, start: number) => {
    places.set(id, order.length)
    order.push({ id, by, start, size: 1, low: order.length })
    return { id, edges: (edges.get(id) ?? []).values(), start }
  }
  for (const first of ids) {
    if (places.has(first)) continue
    const path = [visit(first, undefined, order.length)]
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const next = here.edges.next()
      if (next.done === true) path.pop()
      else if (!places.has(next.value.to)) {
        path.push(visit(next.value.to, next.value.link, here.start))
      }
    }
  }
  return { order, places }
}

/** Sums up, from the end of the walk, what was reached through each id, and how far back links lead from there. */
const sumUp = ({ order, places }: ReturnType<typeof walk>, edges: Edges): void => {
  for (const here of order.toReversed()) {
    for (const { link, to } of edges.get(here.id) ?? []) {
      const place = places.get(to)
      const other = place === undefined ? undefined : order[place]
      if (place === undefined || other === undefined || link === here.by) continue
      const isThrough = other.by === link
      if (isThrough) here.size += other.size
      here.low = Math.min(here.low, isThrough ? other.low : place)
    }
  }
}

/** The links of a person whose loss splits it, those that leave two large parts first, and only so many (DESIGN §6). */
export const culprits = (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): ReadonlyArray<Culprit> => {
  const effective = history.effectiveAt(at)
  if (effective !== history) return culprits(effective, id, at)
  const ids = new Set(history.personAt(id, at)?.distinctIds ?? [])
  const links = Why.linksBetween(history, at).filter(
    ({ target, source }) => ids.has(target) && ids.has(source) && target !== source,
  )
  const edges = edgesOf(links)
  const walked = walk(ids, edges)
  sumUp(walked, edges)
  const sorted = walked.order.map((visited) => visited.id)
  const found = walked.order.flatMap((visited, place) => {
    const { by: link, low, size, start } = visited
    if (link === undefined || low < place) return []
    const end = start + (walked.order[start]?.size ?? 0)
    const isTarget = visited.id === link.target
    const length = isTarget ? size : end - start - size
    return [
      { link, place, size, start, end, isTarget, smaller: Math.min(length, ids.size - length) },
    ]
  })
  return found
    .toSorted((a, b) => b.smaller - a.smaller || a.link.event.position - b.link.event.position)
    .slice(0, culpritsMax)
    .map(({ link, place, size, start, end, isTarget }): Culprit => {
      const through = sorted.slice(place, place + size)
      const others = [...sorted.slice(start, place), ...sorted.slice(place + size, end)]
      const beyond = [...sorted.slice(0, start), ...sorted.slice(end)]
      const [part, rest] = isTarget ? [through, others] : [others, through]
      return { link, parts: [part.toSorted(), [...rest, ...beyond].toSorted()] }
    })
}
