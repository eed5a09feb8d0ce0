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

/** An id as a walk along the joints, depth first, came by. */
interface Visited<A> {
  readonly id: DistinctId
  /** The joint that it was reached by; none for the id that the walk began with. */
  readonly by: A | undefined
  /** Where in the walk the ids of its part begin: all that joints lead to from it. */
  readonly start: number
  /** How many ids were reached through it, itself among them: they follow it. */
  size: number
  /** The first id of the walk to which a joint leads from these, beside the one that it was reached by. */
  low: number
}

const edgesOf = <A extends Joint>(joints: ReadonlyArray<A>): Edges<A> => {
  const edges = new Map<DistinctId, Array<Edge<A>>>()
  const add = (from: DistinctId, edge: Edge<A>) => {
    const known = edges.get(from)
    if (known === undefined) edges.set(from, [edge])
    else known.push(edge)
  }
  for (const joint of joints) {
    add(joint.source, { joint, to: joint.target })
    add(joint.target, { joint, to: joint.source })
  }
  return edges
}

/** Walks along the joints, depth first, from each id that was not come by: without recursion, for there may be many. */
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

/** Sums up, from the end of the walk, what was reached through each id, and how far back joints lead from there. */
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

/** A walk along all joints of some ids, with what each id was reached by. */
export const walk = <A extends Joint>(
  ids: Iterable<DistinctId>,
  joints: ReadonlyArray<A>,
): ReadonlyArray<Readonly<Visited<A>>> => {
  const edges = edgesOf(joints)
  const walked = visit(ids, edges)
  sumUp(walked, edges)
  return walked.order
}

/** The joints without which something that they lead to from these ids could not be reached. */
export const bridges = <A extends Joint>(
  ids: Iterable<DistinctId>,
  joints: ReadonlyArray<A>,
): ReadonlyArray<A> =>
  walk(ids, joints).flatMap((visited, place) =>
    visited.by !== undefined && isBridge(visited, place) ? [visited.by] : [],
  )

/** True for an id to which no other way leads than the joint that it was reached by: that one is a bridge. */
export const isBridge = <A>({ by, low }: Readonly<Visited<A>>, place: number): boolean =>
  by !== undefined && low >= place
