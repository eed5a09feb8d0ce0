import { DistinctId } from "@onymous/identity/event/DistinctId"
import { isAct } from "@onymous/identity/event/Event"
import { countUpTo, Position } from "@onymous/identity/event/Position"
import type { History, Link } from "@onymous/timetravel/history/History"
import * as Culprits from "@onymous/timetravel/questions/Culprits"
import { isWorthALook, type Merged, mergedBy } from "./Lost.ts"

/** A part that a person would fall into: a stretch of its ids, or the rest of them. */
export class Part {
  readonly #all: ReadonlyArray<DistinctId>
  readonly #stretch: readonly [from: number, to: number]
  readonly #isRest: boolean

  constructor(all: ReadonlyArray<DistinctId>, { place, size }: Culprits.Split, isRest: boolean) {
    this.#all = all
    this.#stretch = [place, place + size]
    this.#isRest = isRest
  }

  /** How many ids it has. */
  get size(): number {
    const [from, to] = this.#stretch
    return this.#isRest ? this.#all.length - (to - from) : to - from
  }

  get ids(): ReadonlyArray<DistinctId> {
    const [from, to] = this.#stretch
    return this.#isRest
      ? [...this.#all.slice(0, from), ...this.#all.slice(to)]
      : this.#all.slice(from, to)
  }
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

/** The most links that are told: of more, nobody looks at each. */
const weakMax = 100

const found = (history: History, id: string, at: number): ReadonlyArray<WeakLink> => {
  const { ids, splits } = finish(Culprits.splits(history, DistinctId(id), Position(at)))
  const weak = splits.flatMap((split) => {
    const merged = mergedBy(history, split.link)
    return merged !== undefined && isWorthALook(merged) ? [{ split, merged }] : []
  })
  return weak.slice(0, weakMax).map(({ split, merged }): WeakLink => {
    const [part, rest] = [new Part(ids, split, false), new Part(ids, split, true)]
    const isSmall = part.size < rest.size || (part.size === rest.size && !split.isTarget)
    return { link: split.link, merged, parts: isSmall ? [rest, part] : [part, rest] }
  })
}

/** What the weak links of an id depend on, and those that were looked for. */
interface Known {
  /** Where a person may fall apart in another way from then on. */
  readonly turns: ReadonlyArray<{ readonly position: number }>
  readonly links: Map<string, ReadonlyArray<WeakLink>>
}

const cache = new WeakMap<History, Known>()

const turnsOf = (history: History): Known["turns"] => {
  const moves = [...history.tables.memberships.values()].flat()
  const positions = new Set([
    ...history.linksAt().map(({ position }) => position),
    ...moves.map(({ from }) => from),
    // An operator may take somebody apart, or undo a link that was one of two ways.
    ...history.log.flatMap(({ event, position }) => (isAct(event) ? [position] : [])),
  ])
  return Array.from(positions, (position) => ({ position })).toSorted(
    (a, b) => a.position - b.position,
  )
}

/** The weak links of the person of an id, those that lost most first. */
export const weakLinks = (history: History, id: string, at: number): ReadonlyArray<WeakLink> => {
  const known = cache.get(history) ?? { turns: turnsOf(history), links: new Map() }
  cache.set(history, known)
  // Between two changes of who is one with whom, they are the same.
  const name = `${countUpTo(known.turns, at)} ${id}`
  const before = known.links.get(name)
  if (before !== undefined) return before
  const links = found(history, id, at).toSorted(
    (a, b) => b.merged.lost.length - a.merged.lost.length || b.link.position - a.link.position,
  )
  // A drag asks at many positions: the last few are enough.
  if (known.links.size > 50) known.links.clear()
  known.links.set(name, links)
  return links
}
