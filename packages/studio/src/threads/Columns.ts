import type { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { History, Link } from "@onymous/timetravel/history/History"
import type { Alike } from "./Folding.ts"

/** A change of identity, or a run of them: lanes change there, and nowhere else. */
export interface Column {
  readonly from: number
  readonly to: number
  readonly time: number
  /** How many changes are folded into it. */
  readonly count: number
  /** Where it released an event: how long that had waited, in milliseconds. */
  readonly waited: number | undefined
}

/** Above so many columns, runs of them become one. */
const columnsMax = 300

type Place = Omit<Column, "time">

const single = (position: number, waited?: number): Place => ({
  from: position,
  to: position,
  count: 1,
  waited,
})

/** Where an event of these ids began to wait, and where it was released. */
const waitsOf = (history: History, ids: ReadonlySet<DistinctId>): ReadonlyArray<Place> =>
  [...history.tables.waiting.values()].flatMap(({ position, distinctId, released }) => {
    if (!ids.has(distinctId)) return []
    const [held, freed] = [history.eventAt(position), released && history.eventAt(released.at)]
    const waited = held && freed ? freed.recordedAt - held.recordedAt : undefined
    return released === null ? [single(position)] : [single(position), single(released.at, waited)]
  })

/** Where the persons of these ids are others. */
const movesOf = (history: History, ids: ReadonlySet<DistinctId>): ReadonlyArray<Place> =>
  [...ids].flatMap((id) =>
    history.membershipsOf(id).flatMap(({ from, to }) => {
      const isGone = to !== null && history.componentAt(id, to) === undefined
      return isGone ? [single(from), single(to)] : [single(from)]
    }),
  )

/** Ids that came alike: where the first of them was born, and one column for all that brought them in. */
const rangesOf = (history: History, alike: ReadonlyArray<Alike>): ReadonlyArray<Place> =>
  alike.flatMap(({ ids: [first], links }) => {
    const positions = links.map(({ position }) => position)
    const [from, to] = [Math.min(...positions), Math.max(...positions)]
    const born = first && history.membershipsOf(first)[0]?.from
    const range = { from, to, count: links.length, waited: undefined }
    return born === undefined || born >= from ? [range] : [single(born), range]
  })

/** Runs of columns become one each, but for those where a weak link is. */
const shortened = (
  places: ReadonlyArray<Place>,
  kept: ReadonlySet<number>,
): ReadonlyArray<Place> => {
  if (places.length <= columnsMax) return places
  const run = Math.ceil(places.length / (columnsMax - kept.size))
  const found: Array<Place> = []
  let open = 0
  for (const place of places) {
    const last = found.at(-1)
    const isFull = last === undefined || open >= run || kept.has(last.from) || kept.has(place.from)
    if (isFull) {
      found.push(place)
      open = 1
    } else {
      found[found.length - 1] = {
        from: last.from,
        to: Math.max(last.to, place.to),
        count: last.count + place.count,
        waited: undefined,
      }
      open += 1
    }
  }
  return found
}

/** The columns of a drawing, in the order of the log. */
export const of = (
  history: History,
  ids: ReadonlySet<DistinctId>,
  links: ReadonlyArray<Link>,
  alike: ReadonlyArray<Alike>,
  kept: ReadonlySet<number>,
): ReadonlyArray<Column> => {
  const places = new Map<string, Place>()
  const all = [
    ...movesOf(history, ids),
    ...links.map(({ position }) => single(position)),
    ...waitsOf(history, ids),
    ...rangesOf(history, alike),
  ]
  for (const place of all) {
    const name = `${place.from} ${place.to}`
    places.set(name, { ...place, waited: place.waited ?? places.get(name)?.waited })
  }
  const sorted = [...places.values()].toSorted((a, b) => a.from - b.from || a.to - b.to)
  return shortened(sorted, kept).map((place) => ({
    ...place,
    time: history.eventAt(Position(place.from))?.recordedAt ?? 0,
  }))
}

/** The last column that began by a position; -1 before the first one. */
export const indexAt = (columns: ReadonlyArray<Column>, position: number): number =>
  columns.findLastIndex(({ from }) => from <= position)

/** The column of a change at a position. */
export const indexOf = (columns: ReadonlyArray<Column>, position: number): number => {
  const exact = columns.findIndex(({ from, to }) => from === position && to === position)
  return exact >= 0
    ? exact
    : columns.findLastIndex(({ from, to }) => from <= position && position <= to)
}

/** The place of an event between two columns. */
export const placeOf = (columns: ReadonlyArray<Column>, position: number, head: number): number => {
  const index = indexAt(columns, position)
  const [here, next] = [columns[index], columns[index + 1]]
  if (here === undefined) return -0.5
  const start = Math.min(here.to, position)
  const end = next?.from ?? head + 1
  const share = Math.min(0.92, Math.max(0.08, (position - start) / Math.max(1, end - start)))
  return index + (next === undefined ? share * 0.55 : share)
}
