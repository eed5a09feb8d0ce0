import { Clock, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PropertyFilter from "@onymous/identity/policy/PropertyFilter"
import { propertiesOf } from "@onymous/identity/event/EventPayload"
import type { Attributed } from "./Attribution.ts"
import * as PersonsCursor from "./reading/PersonsCursor.ts"
import { PersonsPage } from "./reading/PersonsPage.ts"
import { type Listing, Persons, type PersonsQuestion, type PersonView } from "./Persons.ts"

/** At most this many persons are read for one answer, because the filters may leave out most of them. */
const personsReadMax = 10_000

/** This many persons are read at a time, because the filters may leave few of them. */
const pageSize = 500

/** The filters of the policy: a person or event that matches all of them is no internal user's (SPEC §7). */
const filtersOf = Effect.fnUntraced(function* (project: ProjectId) {
  return (yield* (yield* Persons).checkpoint(project))?.policy.internal_users ?? []
})

/** The person, unless it is an internal user. */
export const keep = Effect.fnUntraced(function* (project: ProjectId, view: PersonView | undefined) {
  if (view === undefined) return undefined
  const filters = PropertyFilter.personFilters(yield* filtersOf(project))
  const now = yield* Clock.currentTimeMillis
  return PropertyFilter.matchesAll(filters, { person: view.properties, now }) ? view : undefined
})

/** Persons, newest first, without internal users. A page may be short, or empty, although `next` leads to more. */
export const list = Effect.fnUntraced(function* (question: PersonsQuestion) {
  const persons = yield* Persons
  const now = yield* Clock.currentTimeMillis
  const filters = PropertyFilter.personFilters(yield* filtersOf(question.project))
  const found = new PersonsPage(question.limit)
  const answer = (next: string | undefined): Listing<PersonView> => ({ results: found.views, next })
  let { cursor } = question
  for (let personsRead = 0; personsRead < personsReadMax;) {
    const pageQuestion = { ...question, limit: pageSize, ...(cursor !== undefined && { cursor }) }
    const page = yield* persons.list(pageQuestion)
    for (const view of page.results) {
      if (!PropertyFilter.matchesAll(filters, { person: view.properties, now })) continue
      found.add(view)
      if (!found.isFull) continue
      const isLast = view === page.results.at(-1) && page.next === undefined
      return answer(isLast ? undefined : PersonsCursor.of(view))
    }
    if (page.next === undefined) return answer(undefined)
    personsRead += page.results.length
    cursor = page.next
  }
  return answer(cursor)
})

/** The events that are not of internal users. */
export const events = Effect.fnUntraced(function* (
  project: ProjectId,
  all: ReadonlyArray<Attributed>,
) {
  const persons = yield* Persons
  const now = yield* Clock.currentTimeMillis
  const filters = yield* filtersOf(project)
  return yield* Effect.filter(all, ({ event, personId, recorded }) =>
    Effect.map(
      personId === undefined ? Effect.undefined : persons.find(project, event.distinctId),
      (owner) =>
        PropertyFilter.matchesAll(filters, {
          person: owner?.properties,
          event: propertiesOf(recorded.payload),
          now,
        }),
    ),
  )
})
