import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { Due } from "../PersonStore.ts"
import {
  type Fate,
  type OwnerAt,
  type WaitingView,
  latest,
  waitingAt,
  waitingOfMax,
} from "../Persons.ts"
import type { WaitingRow } from "../rows/RowChanges.ts"
import type { Tables } from "./MemoryTables.ts"
import { rowAt } from "../rows/Interval.ts"

const toView = ({ position, distinctId, dueAt, released }: WaitingRow): WaitingView => ({
  position,
  distinctId,
  dueAt,
  released:
    released === null
      ? undefined
      : {
          position: released.at,
          by: released.by,
          ...(released.personId !== null && { personId: released.personId }),
        },
})

/** The events that wait and are due at or before a time, in the order of their release. */
export const due = ({ waiting }: Tables, until: number): ReadonlyArray<Due> =>
  [...waiting.values()]
    .filter(({ released, dueAt }) => released === null && dueAt <= until)
    .toSorted((a, b) => a.dueAt - b.dueAt || a.position - b.position)
    .map(({ position, dueAt }) => ({ position, dueAt }))

/** The waiting events, newest first; with `withReleased`, also those that had waited. */
export const waiting = (
  tables: Tables,
  question: {
    readonly limit: number
    readonly before?: Position
    readonly withReleased?: boolean
    readonly at?: Position
  },
): ReadonlyArray<WaitingView> => {
  const { before = latest, at = latest, withReleased = false } = question
  return [...tables.waiting.values()]
    .map((row) => waitingAt(toView(row), at))
    .filter(
      ({ position, released }) =>
        position < before && position <= at && (withReleased || released === undefined),
    )
    .toSorted((a, b) => b.position - a.position)
    .slice(0, question.limit)
}

/** The events of an id that wait now, newest first. */
export const waitingOf = ({ waiting }: Tables, id: DistinctId): ReadonlyArray<WaitingView> =>
  [...waiting.values()]
    .filter(({ distinctId, released }) => distinctId === id && released === null)
    .map(toView)
    .toSorted((a, b) => b.position - a.position)
    .slice(0, waitingOfMax)

/** The fates of the events at these positions; an event that was processed at once has none. */
export const fates = (
  tables: Tables,
  positions: ReadonlyArray<Position>,
): ReadonlyMap<Position, Fate> => {
  const found = new Map<Position, Fate>()
  for (const position of positions) {
    const row = tables.waiting.get(position)
    if (row !== undefined) found.set(position, { _tag: "Waited", ...toView(row) })
    if (tables.dropped.has(position)) found.set(position, { _tag: "Dropped" })
  }
  return found
}

/** The position at which each id's person was last deleted. */
export const goneAt = (
  { generations }: Tables,
  ids: ReadonlyArray<DistinctId>,
  at: Position = latest,
): ReadonlyMap<DistinctId, Position> => {
  const wanted = new Set(ids)
  const gone = new Map<DistinctId, Position>()
  for (const { distinctId, from, goneAt: position } of generations) {
    if (!wanted.has(distinctId) || from > at) continue
    if (position === null) gone.delete(distinctId)
    else gone.set(distinctId, position)
  }
  return gone
}

/** The owner of each of these ids once its position had been processed. */
export const ownersAt = (
  { memberships, components, generations }: Tables,
  places: ReadonlyArray<{ readonly distinctId: DistinctId; readonly position: Position }>,
): ReadonlyArray<OwnerAt> =>
  places.map(({ distinctId, position }) => {
    const component = rowAt(memberships.get(distinctId), position)?.component
    const row = component && rowAt(components.get(component), position)
    const latestRow = generations.findLast(
      (each) => each.distinctId === distinctId && each.from <= position,
    )
    return { personId: row?.personId ?? component, generation: latestRow?.generation ?? 0 }
  })
