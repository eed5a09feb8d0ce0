import { Schema } from "effect"
import { WaitingEvent } from "./AttributionForms.ts"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type * as People from "@onymous/identity/state/Person"
import { Id, pageOf, PersonId, Project, Properties, text, Time, timeOf, truth } from "./Listing.ts"

/** A person with its distinct ids, sorted. */
export const Person = Schema.Struct({
  project: Project,
  person_id: PersonId,
  distinct_ids: Schema.Array(Id).annotate({
    description: "All distinct ids of the person, sorted",
  }),
  properties: Properties,
  is_identified: truth("True for a person that an event has identified"),
  created_at: Time,
  version: Schema.Int.annotate({
    description: "How often the properties of the person have changed",
    examples: [1],
  }),
}).annotate({ description: "A person: distinct ids that are one, and their properties" })

/** The form of a person. */
export const person = (
  project: ProjectId,
  view: People.Person & { readonly distinctIds: ReadonlyArray<DistinctId> },
): typeof Person.Type => ({
  project,
  person_id: view.id,
  distinct_ids: view.distinctIds,
  properties: view.properties,
  is_identified: view.isIdentified,
  created_at: timeOf(view.createdAt),
  version: view.version,
})

const Page = pageOf(
  Person,
  text(
    "What `cursor` takes for the next page",
    "1666699200000_00000000-0000-4000-8000-000000000003",
  ),
  "Persons, newest first",
)

const { position, ...page } = Page.fields

/**
 * Persons, newest first; `next` asks for more; `position` is the position of the persons. Where a distinct
 * id was asked for that has no person yet, `waiting` has the events of it that wait.
 */
export const Persons = Schema.Struct({
  ...page,
  waiting: Schema.optionalKey(Schema.Array(WaitingEvent)).annotate({
    description: "Events of the distinct id that wait, where it has no person yet",
  }),
  position,
}).annotate({ description: "Persons, newest first" })
