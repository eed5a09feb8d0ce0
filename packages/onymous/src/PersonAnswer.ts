import type { Difference } from "@onymous/timetravel/questions/Difference"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import type { Warning } from "@onymous/identity/state/Warning"
import type { PersonView } from "@onymous/persons/Persons"

/** A person in the library's answers. */
export interface Person {
  readonly id: string
  readonly distinctIds: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly isIdentified: boolean
  readonly createdAt: Date
  readonly version: number
}

/** A warning with its remedy. */
export interface WarningAnswer extends Warning {
  readonly remedy: string
}

/** A page of persons; `next` asks for more. */
export interface PersonsPage {
  readonly results: ReadonlyArray<Person>
  readonly next: string | undefined
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

/** The difference that an edit makes, and the number of distinct ids that it can reach at most. */
export interface WhatIfAnswer extends Difference {
  readonly blastRadius: number
}
