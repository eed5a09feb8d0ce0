import type { DistinctId } from "@onymous/identity/event/DistinctId"

/** Two distinct ids that something joins. */
export interface Joint {
  readonly target: DistinctId
  readonly source: DistinctId
}

interface Edge<A> {
  readonly joint: A
  readonly to: DistinctId
}

type Edges<A> = ReadonlyMap<DistinctId, ReadonlyArray<Edge<A>>>

/** An id in the order of a depth-first walk along the joints. */
interface Visited<A> {
  readonly id: DistinctId
  /** The joint by which the walk reached the id; undefined for a first id. */
  readonly by: A | undefined
  /** The place in the walk of the first id of its part: of all ids that joints connect with it. */
  readonly start: number
  /** The number of ids that the walk reached through it, itself included: they follow it in the order. */
  size: number
  /** The smallest place to which a joint leads from those ids, apart from the joint `by`. */
  low: number
}

const edgesOf = <A extends Joint>(joints: ReadonlyArray<A>): Edges<A> => {
  const edges = new Map<DistinctId, Array<Edge<A>>>()
  const add = (from: DistinctId, edge: Edge<A>) => {
    const edgesFrom = edges.get(from)
    if (edgesFrom === undefined) edges.set(from, [edge])
    else edgesFrom.push(edge)
  }
  for (const joint of joints) {
    add(joint.source, { joint, to: joint.target })
    add(joint.target, { joint, to: joint.source })
  }
  return edges
}

/** Walks along the joints, depth first, from each id not yet reached; without recursion, because paths may be long. */
const visit = <A extends Joint>(ids: Iterable<DistinctId>, edges: Edges<A>) => {
  const order: Array<Visited<A>> = []
  const places = new Map<DistinctId, number>()
  const enter = (id: DistinctId, by: A | undefined, start: number) => {
    places.set(id, order.length)
    order.push({ id, by, start, size: 1, low: order.length })
    return { id, edges: (edges.get(id) ?? []).values(), start }
  }
  for (const first of ids) {
    if (places.has(first)) continue
    const path = [enter(first, undefined, order.length)]
    for (let here = path.at(-1); here !== undefined; here = path.at(-1)) {
      const next = here.edges.next()
      if (next.done === true) path.pop()
      else if (!places.has(next.value.to)) {
        path.push(enter(next.value.to, next.value.joint, here.start))
      }
    }
  }
  return { order, places }
}

/** Computes `size` and `low` of each id, from the end of the walk. */
const sumUp = <A extends Joint>(
  { order, places }: ReturnType<typeof visit<A>>,
  edges: Edges<A>,
): void => {
  for (const here of order.toReversed()) {
    for (const { joint, to } of edges.get(here.id) ?? []) {
      const place = places.get(to)
      const other = place === undefined ? undefined : order[place]
      if (place === undefined || other === undefined || joint === here.by) continue
      const isThrough = other.by === joint
      if (isThrough) here.size += other.size
      here.low = Math.min(here.low, isThrough ? other.low : place)
    }
  }
}

/** The depth-first walk along all joints of some ids. */
export const walk = <A extends Joint>(
  ids: Iterable<DistinctId>,
  joints: ReadonlyArray<A>,
): ReadonlyArray<Readonly<Visited<A>>> => {
  const edges = edgesOf(joints)
  const result = visit(ids, edges)
  sumUp(result, edges)
  return result.order
}

/** The joints without which some id could not be reached from these ids. */
export const bridges = <A extends Joint>(
  ids: Iterable<DistinctId>,
  joints: ReadonlyArray<A>,
): ReadonlyArray<A> =>
  walk(ids, joints).flatMap((visited, place) =>
    visited.by !== undefined && isBridge(visited, place) ? [visited.by] : [],
  )

/** True for an id that can be reached only by the joint `by`, which is therefore a bridge. */
export const isBridge = <A>({ by, low }: Readonly<Visited<A>>, place: number): boolean =>
  by !== undefined && low >= place
