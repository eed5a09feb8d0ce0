import { Effect } from "effect"
import type { JsonObject } from "@onymous/identity/encoding/Json"
import { Persons } from "@onymous/persons/Persons"
import * as TextSearch from "@onymous/persons/reading/TextSearch"
import { Timeline } from "@onymous/persons/Timeline"
import type { Scope } from "../api/questions/ProjectQuestions.ts"

/** Results of a list where the question sets no limit. */
const limitByDefault = 100

interface FormerQuery {
  readonly search: string
  readonly limit?: number | undefined
}

/** The name of the first property of which a value contains a text. */
const propertyWith = (properties: JsonObject, search: string): string | undefined =>
  Object.keys(properties).find((name) =>
    TextSearch.isIn(TextSearch.valuesOf(properties[name] ?? null), search),
  )

/** Persons that held a value before, each as it was when the version with it began. */
export const formerValues = Effect.fnUntraced(function* ({ project }: Scope, query: FormerQuery) {
  const { search, limit = limitByDefault } = query
  const [timeline, persons] = [yield* Timeline, yield* Persons]
  const found = yield* timeline.formerlyHeld({ project, search, limit })
  const results = yield* Effect.forEach(found, ({ personId, from, to }) =>
    Effect.map(persons.findById(project, personId, from), (view) => {
      const [distinctId] = view?.distinctIds ?? []
      const property = propertyWith(view?.properties ?? {}, search)
      return distinctId === undefined || property === undefined
        ? []
        : [{ person_id: personId, distinct_id: distinctId, property, from, until: to }]
    }),
  )
  return { results: results.flat() }
})
