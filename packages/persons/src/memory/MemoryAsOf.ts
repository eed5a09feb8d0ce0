import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { PersonView } from "../Persons.ts"
import type { Tables } from "./MemoryTables.ts"
import { rowAt } from "../rows/Interval.ts"

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
