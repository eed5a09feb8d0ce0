import { Clock, Effect } from "effect"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PropertyFilter from "@onymous/identity/policy/PropertyFilter"
import { propertiesOf } from "@onymous/identity/event/EventPayload"
import type { Attributed } from "./Attribution.ts"
import * as PersonsCursor from "./reading/PersonsCursor.ts"
import { type Listing, Persons, type PersonsQuestion, type PersonView } from "./Persons.ts"

/** How many persons are looked at for one answer, where most of them are filtered away. */
const lookedAtMax = 10_000

/** How many persons are read at once, however few are asked for. */
const pageSize = 500

/** What holds of users who are not the project's own people (SPEC §7). */
const filtersOf = Effect.fnUntraced(function* (project: ProjectId) {
  return (yield* (yield* Persons).checkpoint(project))?.policy.internal_users ?? []
})

/** The person, unless it is one of the project's own people. */
export const keep = Effect.fnUntraced(function* (project: ProjectId, view: PersonView | undefined) {
  if (view === undefined) return undefined
  const filters = PropertyFilter.personFilters(yield* filtersOf(project))
  const now = yield* Clock.currentTimeMillis
  return PropertyFilter.matchesAll(filters, { person: view.properties, now }) ? view : undefined
})

/**
 * Persons, newest first, without the project's own people. A page may be short where many are left
 * out: `next` goes on.
 */
export const list = Effect.fnUntraced(function* (question: PersonsQuestion) {
  const persons = yield* Persons
  const now = yield* Clock.currentTimeMillis
  const filters = PropertyFilter.personFilters(yield* filtersOf(question.project))
  const kept: Array<PersonView> = []
  const answer = (next: string | undefined): Listing<PersonView> => ({ results: kept, next })
  let { cursor } = question
  for (let lookedAt = 0; lookedAt < lookedAtMax;) {
    const asked = { ...question, limit: pageSize, ...(cursor !== undefined && { cursor }) }
    const page = yield* persons.list(asked)
    for (const view of page.results) {
      if (!PropertyFilter.matchesAll(filters, { person: view.properties, now })) continue
      kept.push(view)
      if (kept.length < question.limit) continue
      const isLast = view === page.results.at(-1) && page.next === undefined
      return answer(isLast ? undefined : PersonsCursor.of(view))
    }
    if (page.next === undefined) return answer(undefined)
    lookedAt += page.results.length
    cursor = page.next
  }
  return answer(cursor)
})

/** The events that are not those of the project's own people. */
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
