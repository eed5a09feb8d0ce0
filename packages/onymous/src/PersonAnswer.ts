import type { Difference } from "@onymous/timetravel/questions/Difference"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import type { Warning } from "@onymous/identity/state/Warning"
import type { PersonView } from "@onymous/persons/Persons"

/** A person as the library answers. */
export interface Person {
  readonly id: string
  readonly distinctIds: ReadonlyArray<string>
  readonly properties: JsonObject
  readonly isIdentified: boolean
  readonly createdAt: Date
  readonly version: number
}

/** A warning, with what would make its event pass. */
export interface ToldWarning extends Warning {
  readonly remedy: string
}

/** Some persons; `next` asks for more. */
export interface PersonsPage {
  readonly results: ReadonlyArray<Person>
  readonly next: string | undefined
}

/** A person of the read model as the library answers it. */
export const toPerson = (view: PersonView): Person => ({
  id: view.id,
  distinctIds: view.distinctIds,
  properties: view.properties,
  isIdentified: view.isIdentified,
  createdAt: new Date(view.createdAt),
  version: view.version,
})

/** What an edit of the past makes different, and how many distinct ids it can reach at the most. */
export interface WhatIfAnswer extends Difference {
  readonly blastRadius: number
}
