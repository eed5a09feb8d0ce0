import { Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { cleanText } from "@onymous/identity/encoding/Json"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { check, type PersonOptions, type PersonsInput } from "../inputs/QuestionInputs.ts"
import type { Session } from "../session/Session.ts"
import { type Person, toPerson } from "./PersonAnswer.ts"

/** A page of persons; `next` asks for more. */
export interface PersonsPage {
  readonly results: ReadonlyArray<Person>
  readonly next: string | undefined
}

/** The person of a distinct id, now or at a point. */
export const person = (session: Session, distinctId: string, options: PersonOptions) => {
  check.distinctId(distinctId)
  check.person(options)
  const { project } = session
  const { filterInternal = false } = options
  const found = session.askAt(options, (persons, point) =>
    Effect.flatMap(persons.find(project, DistinctId(distinctId), point), (view) =>
      filterInternal ? InternalUsers.keep(project, view) : Effect.succeed(view),
    ),
  )
  return Effect.map(found, (view) => view && toPerson(view))
}

/** Persons, newest first, now or at a point. */
export const persons = (session: Session, question: PersonsInput) => {
  check.persons(question)
  const { limit = 100, search, cursor, filterInternal = false } = question
  const asked = {
    project: session.project,
    limit,
    ...(search !== undefined && { search: cleanText(search) }),
    ...(cursor !== undefined && { cursor: cleanText(cursor) }),
  }
  const page = session.askAt(question, (model, point) => {
    const asOf = { ...asked, ...(point !== undefined && { at: point }) }
    return filterInternal ? InternalUsers.list(asOf) : model.list(asOf)
  })
  return Effect.map(page, ({ results, next }): PersonsPage => ({
    results: results.map(toPerson),
    next,
  }))
}
