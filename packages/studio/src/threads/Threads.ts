import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { History, Link } from "@onymous/timetravel/history/History"
import type { WeakLink } from "../past/WeakLinks.ts"
import * as Columns from "./Columns.ts"
import * as Folding from "./Folding.ts"
import * as Lanes from "./Lanes.ts"

/** A lane is of one person for a while; between columns, nothing changes. */
export interface Span {
  readonly from: number
  readonly to: number
  /** Whose it is, as a number of persons; undefined while its event waits. */
  readonly whose: number | undefined
}

/** A distinct id, or several that came alike. */
export interface Lane {
  readonly id: DistinctId
  readonly ids: ReadonlyArray<DistinctId>
  readonly spans: ReadonlyArray<Span>
  /** Ordinary events, as places between columns. */
  readonly ticks: ReadonlyArray<number>
  /** The positions of its events. */
  readonly events: ReadonlyArray<number>
  /** The person that it was first of. */
  readonly whose: number
}

/** An event that named two lanes. */
export interface Join {
  readonly column: number
  readonly from: number
  readonly to: number
  readonly whose: number
  readonly isRefused: boolean
  /** What the person would fall into without it: 3 | 1. */
  readonly parts: readonly [number, number] | undefined
}

/** How the ids of a person came together. */
export interface Threads {
  readonly lanes: ReadonlyArray<Lane>
  readonly columns: ReadonlyArray<Columns.Column>
  readonly joins: ReadonlyArray<Join>
  readonly ids: number
  /** Ids in lanes of several. */
  readonly alike: ReadonlyArray<Folding.Alike>
}

/** Numbers persons as they are met: the one that everything came to is the first. */
class Persons {
  readonly #numbers = new Map<PersonId, number>()

  of(id: PersonId): number {
    const known = this.#numbers.get(id)
    if (known !== undefined) return known
    this.#numbers.set(id, this.#numbers.size)
    return this.#numbers.size - 1
  }
}

interface Drawing {
  readonly history: History
  readonly columns: ReadonlyArray<Columns.Column>
  readonly persons: Persons
}

/** What a lane is of at each column: a person, nobody, or an event waits. */
const stateAt = ({ history, persons }: Drawing, id: DistinctId, position: number) => {
  const person = history.versionAt(id, position)
  if (person !== undefined) return persons.of(person.id)
  const isWaiting = [...history.tables.waiting.values()].some(
    (row) =>
      row.distinctId === id &&
      row.position <= position &&
      (row.released === null || row.released.at > position),
  )
  return isWaiting ? "waits" : "nobody"
}

const spansOf = (drawing: Drawing, id: DistinctId): ReadonlyArray<Span> => {
  const states = drawing.columns.map(({ from, to }) => {
    const early = stateAt(drawing, id, from)
    return early === "nobody" ? early : from === to ? early : stateAt(drawing, id, to)
  })
  return states.flatMap((state, index) => {
    if (state === "nobody" || (index > 0 && states[index - 1] === state)) return []
    const next = states.findIndex((other, place) => place > index && other !== state)
    const to = next < 0 ? drawing.columns.length : next
    return [{ from: index, to, whose: state === "waits" ? undefined : state }]
  })
}

/** The most ordinary events of a lane that are drawn: more of them would be a line. */
const ticksMax = 60

const laneOf = (
  drawing: Drawing,
  id: DistinctId,
  ids: ReadonlyArray<DistinctId>,
  eventsOf: ReadonlyMap<DistinctId, ReadonlyArray<number>>,
): Lane => {
  const { columns, history } = drawing
  const events = eventsOf.get(id) ?? []
  const changes = new Set(columns.map(({ from }) => from))
  const ordinary = ids.length > 1 ? [] : events.filter((position) => !changes.has(position))
  const every = Math.max(1, Math.ceil(ordinary.length / ticksMax))
  const spans = spansOf(drawing, id)
  return {
    id,
    ids,
    spans,
    ticks: ordinary
      .filter((_, index) => index % every === 0)
      .map((position) => Columns.placeOf(columns, position, history.head)),
    events,
    whose: spans.find(({ whose }) => whose !== undefined)?.whose ?? 0,
  }
}

/** The positions of the events that were sent with each id. */
const positionsOf = (history: History): ReadonlyMap<DistinctId, ReadonlyArray<number>> => {
  const found = new Map<DistinctId, Array<number>>()
  for (const { event, position } of history.log) {
    if (event._tag !== "Captured") continue
    const known = found.get(event.distinctId)
    if (known === undefined) found.set(event.distinctId, [position])
    else known.push(position)
  }
  return found
}

const joinsOf = (
  { history, columns, persons }: Drawing,
  lanes: ReadonlyArray<Lane>,
  links: ReadonlyArray<Link>,
  weak: ReadonlyArray<WeakLink>,
): ReadonlyArray<Join> => {
  const places = new Map(lanes.map(({ id }, index) => [id, index]))
  const partsAt = new Map(weak.map(({ link, parts }) => [link.position, parts]))
  return links.flatMap((link) => {
    const [from, to] = [places.get(link.source), places.get(link.target)]
    const column = Columns.indexOf(columns, link.position)
    if (from === undefined || to === undefined || from === to || column < 0) return []
    const person = history.versionAt(link.target, link.position)
    const parts = partsAt.get(link.position)
    return [
      {
        column,
        from,
        to,
        whose: person === undefined ? 0 : persons.of(person.id),
        isRefused: !Lanes.isUniting(link),
        parts: parts && ([parts[0].ids.length, parts[1].ids.length] as const),
      },
    ]
  })
}

/** Draws how the ids of a person came together: the same picture wherever the playhead is. */
export const of = (
  history: History,
  asked: string,
  weak: ReadonlyArray<WeakLink>,
  opened: number,
): Threads => {
  const id = DistinctId(asked)
  const ids = Lanes.idsOf(history, id)
  const links = history
    .linksAt()
    .filter(
      (link) =>
        ids.has(link.target) &&
        ids.has(link.source) &&
        (Lanes.isUniting(link) || Lanes.isRefusedBetween(link)),
    )
  const alike = Folding.folded(ids, links, new Set([id]), opened)
  const groupOf = new Map(
    alike.flatMap(({ ids: [first], ids: all }) => (first ? [[first, all]] : [])),
  )
  const hidden = new Set(alike.flatMap(({ ids: all }) => all))
  const single = new Set([...ids].filter((each) => !hidden.has(each)))
  const singleLinks = links.filter((link) => single.has(link.target) && single.has(link.source))
  const shown = new Set([...single, ...groupOf.keys()])
  const kept = new Set(weak.map(({ link }) => Number(link.position)))
  const columns = Columns.of(history, single, singleLinks, alike, kept)
  const drawing = { history, columns, persons: new Persons() }
  const last =
    history.versionAt(id, history.head) ?? history.versionAt(id, Position(columns.at(-1)?.to ?? 0))
  if (last !== undefined) drawing.persons.of(last.id)
  const shownLinks = links.filter((link) => shown.has(link.target) && shown.has(link.source))
  const eventsOf = positionsOf(history)
  const lanes = Lanes.ordered(shown, shownLinks).map((each) =>
    laneOf(drawing, each, groupOf.get(each) ?? [each], eventsOf),
  )
  const joins = joinsOf(drawing, lanes, shownLinks, weak)
  return { lanes, columns, joins, ids: ids.size, alike }
}
