import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Link } from "@onymous/timetravel/history/History"
import { isUniting } from "./Lanes.ts"

/** Up to so many lanes are drawn each by itself. */
const lanesMax = 20

/** Fewer ids than these are not folded into one lane. */
const alikeMin = 3

/** Ids that came in the same way. */
export interface Alike {
  readonly ids: ReadonlyArray<DistinctId>
  /** The link that brought each of them in. */
  readonly links: ReadonlyArray<Link>
}

const eventName = ({ event: { event } }: Link): string =>
  event._tag === "Captured" ? event.name : event._tag

/** Ids that one link alone names, by whom it joined them to and by which event. */
const alikeIn = (ids: ReadonlySet<DistinctId>, links: ReadonlyArray<Link>) => {
  const linksOf = new Map<DistinctId, Array<Link>>()
  for (const link of links) {
    for (const id of [link.target, link.source]) {
      const known = linksOf.get(id)
      if (known === undefined) linksOf.set(id, [link])
      else known.push(link)
    }
  }
  return [...ids].flatMap((id) => {
    const [link, another] = linksOf.get(id) ?? []
    if (link === undefined || another !== undefined || !isUniting(link)) return []
    const other = link.target === id ? link.source : link.target
    return [{ id, link, key: JSON.stringify([other, link.outcome, eventName(link)]) }]
  })
}

/** Groups of ids that came alike, of which so many of each stay lanes of their own. */
export const folded = (
  ids: ReadonlySet<DistinctId>,
  links: ReadonlyArray<Link>,
  kept: ReadonlySet<DistinctId>,
  opened: number,
): ReadonlyArray<Alike> => {
  if (ids.size <= lanesMax) return []
  const groups = Map.groupBy(
    alikeIn(ids, links).filter(({ id }) => !kept.has(id)),
    ({ key }) => key,
  )
  return [...groups.values()].flatMap((members) => {
    const rest = members.slice(opened)
    return rest.length < alikeMin
      ? []
      : [{ ids: rest.map(({ id }) => id), links: rest.map(({ link }) => link) }]
  })
}

/** What folded ids have in common at their beginning: `h-`. */
export const commonStart = (ids: ReadonlyArray<string>): string => {
  const [first = "", ...rest] = ids
  let length = first.length
  for (const id of rest) while (!id.startsWith(first.slice(0, length))) length -= 1
  return first.slice(0, length)
}
