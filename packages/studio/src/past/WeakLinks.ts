import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { History, Link } from "@onymous/timetravel/history/History"
import * as Culprits from "@onymous/timetravel/questions/Culprits"
import { eventsOf } from "./PersonFacts.ts"
import { isWorthALook, type Merged, mergedBy } from "./Lost.ts"

/** A part that a person would fall into. */
export interface Part {
  readonly ids: ReadonlyArray<DistinctId>
  readonly events: number
}

/** A link without which a person falls apart, and which joined two persons that look like two. */
export interface WeakLink {
  readonly link: Link
  readonly merged: Merged
  /** The larger one first. */
  readonly parts: readonly [Part, Part]
}

const finish = <A>(turns: Generator<unknown, A>): A => {
  for (;;) {
    const turn = turns.next()
    if (turn.done === true) return turn.value
  }
}

const partOf = (history: History, ids: ReadonlyArray<DistinctId>, at: number): Part => ({
  ids,
  events: eventsOf(history, new Set(ids), at).length,
})

const cache = new WeakMap<History, Map<string, ReadonlyArray<WeakLink>>>()

const found = (history: History, id: string, at: number): ReadonlyArray<WeakLink> =>
  finish(Culprits.culprits(history, DistinctId(id), Position(at))).flatMap(({ link, parts }) => {
    const merged = mergedBy(history, link)
    if (merged === undefined || !isWorthALook(merged)) return []
    const [a, b] = parts.map((ids) => partOf(history, ids, at))
    if (a === undefined || b === undefined) return []
    const both: WeakLink["parts"] = a.ids.length < b.ids.length ? [b, a] : [a, b]
    return [{ link, merged, parts: both }]
  })

/** The weak links of the person of an id, those that lost most first. */
export const weakLinks = (history: History, id: string, at: number): ReadonlyArray<WeakLink> => {
  const known = cache.get(history) ?? new Map<string, ReadonlyArray<WeakLink>>()
  cache.set(history, known)
  const name = `${at} ${id}`
  const before = known.get(name)
  if (before !== undefined) return before
  const links = found(history, id, at).toSorted(
    (a, b) => b.merged.lost.length - a.merged.lost.length || b.link.position - a.link.position,
  )
  // A drag asks at many positions: the last few are enough.
  if (known.size > 50) known.clear()
  known.set(name, links)
  return links
}
