import type { JsonObject } from "@onymous/identity/encoding/Json"
import type { PersonView } from "@onymous/persons/Persons"

/** A person in the library's answers. */
export interface Person {
  readonly id: string
  readonly distinctIds: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly isIdentified: boolean
  readonly createdAt: Date
  /** 0 at first, and one more with each event that changes the person. */
  readonly version: number
}

/** The library's form of a person. */
export const toPerson = (view: PersonView): Person => ({
  id: view.id,
  distinctIds: view.distinctIds,
  properties: view.properties,
  isIdentified: view.isIdentified,
  createdAt: new Date(view.createdAt),
  version: view.version,
})
