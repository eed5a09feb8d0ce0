import { Schema } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type * as People from "@onymous/identity/state/Person"
import { pageOf, Properties, Time, timeOf } from "./Listing.ts"

/** A person with its distinct ids, sorted. */
export const Person = Schema.Struct({
  project: Schema.String,
  person_id: Schema.String,
  distinct_ids: Schema.Array(Schema.String),
  properties: Properties,
  is_identified: Schema.Boolean,
  created_at: Time,
  version: Schema.Int,
})

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

/** Persons, newest first; `next` asks for more; `position` is the position of the persons. */
export const Persons = pageOf(Person, Schema.String)
