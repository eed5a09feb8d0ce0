import type { Change } from "./Change.ts"
import type { Component } from "./Component.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Position } from "../event/Position.ts"

/*
 * A cone is made of distinct ids that events have named together, merged or not (DESIGN §6). The ids of a component
 * are in one cone by being in it. A cone link keeps two ids in one cone that are in one component no more, or never
 * were: a cone that is exactly one component has none.
 */

/** Which ids each id is linked with, both ways. */
export type Links = Map<DistinctId, Set<DistinctId>>

/** The change that links two ids; it is the same for both orders. */
export const linked = (position: Position, a: DistinctId, b: DistinctId): Change =>
  a < b
    ? { _tag: "ConesLinked", position, low: a, high: b }
    : { _tag: "ConesLinked", position, low: b, high: a }

/** The changes that keep ids in one cone which leave each other. */
export const linkedToFirst = (
  position: Position,
  [first, ...others]: ReadonlyArray<DistinctId>,
): ReadonlyArray<Change> =>
  first === undefined ? [] : others.map((other) => linked(position, first, other))

/** Links two ids. */
export const link = (links: Links, a: DistinctId, b: DistinctId): void => {
  linksOf(links, a).add(b)
  linksOf(links, b).add(a)
}

const linksOf = (links: Links, id: DistinctId): Set<DistinctId> => {
  const known = links.get(id)
  if (known !== undefined) return known
  const first = new Set<DistinctId>()
  links.set(id, first)
  return first
}

/** Each linked pair once, its smaller id first. */
export const pairs = function* (links: Links) {
  for (const [low, others] of links) {
    for (const high of others) if (low < high) yield { low, high }
  }
}

interface Holding {
  readonly components: ReadonlyMap<DistinctId, Component>
  readonly coneLinks: Links
}

/** All distinct ids of the cones that some are in, as far as this identity holds them. */
export const of = (
  { components, coneLinks }: Holding,
  ids: Iterable<DistinctId>,
): ReadonlySet<DistinctId> =>
  reached(ids, coneLinks, {
    of: (id) => components.get(id),
    members: ({ members }) => members,
  })

/** Which group of ids an id is in, where it is in one: its component. */
export interface Groups<Group> {
  readonly of: (id: DistinctId) => Group | undefined
  readonly members: (group: Group) => Iterable<DistinctId>
}

/** The groups of ids of which only the links are known. */
export const noGroups: Groups<never> = { of: () => undefined, members: () => [] }

/** All distinct ids that links and groups lead to; each group is entered once. */
export const reached = <Group>(
  ids: Iterable<DistinctId>,
  links: ReadonlyMap<DistinctId, ReadonlySet<DistinctId>>,
  groups: Groups<Group>,
): ReadonlySet<DistinctId> => {
  const found = new Set(ids)
  const entered = new Set<Group>()
  // A set hands out what is added while it is walked.
  for (const id of found) {
    for (const other of links.get(id) ?? []) found.add(other)
    const group = groups.of(id)
    if (group === undefined || entered.has(group)) continue
    entered.add(group)
    for (const member of groups.members(group)) found.add(member)
  }
  return found
}
