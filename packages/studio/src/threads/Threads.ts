import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { History, Link } from "@onymous/timetravel/history/History"
import { isWorthALook, mergedBy } from "../past/Lost.ts"
import { type Sent, sentWith } from "../past/PersonFacts.ts"
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
  /** How all of them begin. */
  readonly start: string
  readonly spans: ReadonlyArray<Span>
  /** Ordinary events, as places between columns. */
  readonly ticks: ReadonlyArray<number>
  /** Its events, in order. */
  readonly events: ReadonlyArray<Sent>
  /** The person that it was first of. */
  readonly whose: number
}

/** An event that named two lanes. */
export interface Join {
  readonly position: number
  readonly column: number
  readonly from: number
  readonly to: number
  readonly whose: number
  readonly isRefused: boolean
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

const laneOf = (drawing: Drawing, id: DistinctId, ids: ReadonlyArray<DistinctId>): Lane => {
  const { columns, history } = drawing
  const events = sentWith(history, id)
  const changes = new Set(columns.map(({ from }) => from))
  const ordinary = ids.length > 1 ? [] : events.filter(({ position }) => !changes.has(position))
  const every = Math.max(1, Math.ceil(ordinary.length / ticksMax))
  const spans = spansOf(drawing, id)
  return {
    id,
    ids,
    start: Folding.commonStart(ids),
    spans,
    ticks: ordinary
      .filter((_, index) => index % every === 0)
      .map(({ position }) => Columns.placeOf(columns, position, history.head)),
    events,
    whose: spans.find(({ whose }) => whose !== undefined)?.whose ?? 0,
  }
}

const joinsOf = (
  { history, columns, persons }: Drawing,
  lanes: ReadonlyArray<Lane>,
  links: ReadonlyArray<Link>,
): ReadonlyArray<Join> => {
  const places = new Map(lanes.map(({ id }, index) => [id, index]))
  return links.flatMap((link) => {
    const [from, to] = [places.get(link.source), places.get(link.target)]
    const column = Columns.indexOf(columns, link.position)
    if (from === undefined || to === undefined || from === to || column < 0) return []
    const person = history.versionAt(link.target, link.position)
    return [
      {
        position: link.position,
        column,
        from,
        to,
        whose: person === undefined ? 0 : persons.of(person.id),
        isRefused: !Lanes.isUniting(link),
      },
    ]
  })
}

/** The most links that keep a column of their own, however many columns there are. */
const lookedAtMax = 100

/** Where those links are that may be weak at some moment: they are never drawn together with others. */
const lookedAt = (history: History, links: ReadonlyArray<Link>): ReadonlySet<number> => {
  const merged = links.flatMap((link) => mergedBy(history, link) ?? []).filter(isWorthALook)
  const most = merged.toSorted((a, b) => b.lost.length - a.lost.length).slice(0, lookedAtMax)
  return new Set(most.map(({ link }) => Number(link.position)))
}

/** Draws how the ids of a person came together: the same picture wherever the playhead is. */
export const of = (history: History, asked: string, opened: number): Threads => {
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
  const kept = lookedAt(history, singleLinks)
  const columns = Columns.of(history, single, singleLinks, alike, kept)
  const drawing = { history, columns, persons: new Persons() }
  const last =
    history.versionAt(id, history.head) ?? history.versionAt(id, Position(columns.at(-1)?.to ?? 0))
  if (last !== undefined) drawing.persons.of(last.id)
  const shownLinks = links.filter((link) => shown.has(link.target) && shown.has(link.source))
  const lanes = Lanes.ordered(shown, shownLinks).map((each) =>
    laneOf(drawing, each, groupOf.get(each) ?? [each]),
  )
  const joins = joinsOf(drawing, lanes, shownLinks)
  return { lanes, columns, joins, ids: ids.size, alike }
}
