import type { ComponentId } from "@onymous/identity/state/Change"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { PersonView, WaitingView } from "../Persons.ts"
import type { Tables } from "./MemoryTables.ts"

interface Interval {
  readonly from: Position
  readonly to: Position | null
}

/** A position that no log reaches. */
export const latest = Position(Number.MAX_SAFE_INTEGER)

/** An event that had waited, as it was at a position: what released it later had not yet. */
export const waitingAt = (view: WaitingView, at: Position): WaitingView =>
  view.released !== undefined && view.released.position > at
    ? { ...view, released: undefined }
    : view

/** True for a row that held at a position. */
export const holdsAt = ({ from, to }: Interval, position: number): boolean =>
  from <= position && (to === null || to > position)

/** The row that held at a position. */
export const rowAt = <A extends Interval>(
  rows: ReadonlyArray<A> | undefined,
  position: number,
): A | undefined => rows?.findLast((row) => holdsAt(row, position))

const personOf = (
  tables: Tables,
  component: ComponentId,
  distinctIds: ReadonlyArray<DistinctId>,
  position: number,
): PersonView | undefined => {
  const personId = rowAt(tables.components.get(component), position)?.personId ?? component
  const person = rowAt(tables.persons.get(personId), position)?.person
  return person && { ...person, distinctIds: distinctIds.toSorted() }
}

/** All persons as they were once a position had been processed. */
export const personsAt = (tables: Tables, position: number): ReadonlyArray<PersonView> => {
  const members = new Map<ComponentId, Array<DistinctId>>()
  for (const [id, rows] of tables.memberships) {
    const component = rowAt(rows, position)?.component
    if (component === undefined) continue
    const known = members.get(component)
    if (known === undefined) members.set(component, [id])
    else known.push(id)
  }
  return [...members].flatMap(
    ([component, ids]) => personOf(tables, component, ids, position) ?? [],
  )
}

/** The person that a distinct id led to once a position had been processed. */
export const personAt = (
  tables: Tables,
  id: DistinctId,
  position: number,
): PersonView | undefined => {
  const component = rowAt(tables.memberships.get(id), position)?.component
  if (component === undefined) return undefined
  const ids = [...tables.memberships].flatMap(([each, rows]) =>
    rowAt(rows, position)?.component === component ? [each] : [],
  )
  return personOf(tables, component, ids, position)
}
