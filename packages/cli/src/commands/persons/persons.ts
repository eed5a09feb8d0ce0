import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as PersonForms from "@onymous/api/forms/PersonForms"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { Persons, type PersonView } from "@onymous/persons/Persons"
import { limit } from "../../flags/DatabaseFlags.ts"
import { askPersons, asOf, at, past } from "../../flags/PastFlags.ts"
import { table } from "../../output/Table.ts"

/** Shows persons: the person of a distinct id, those with a text in them, or the newest. */
export const persons = Command.make(
  "persons",
  {
    ...past,
    distinctId: Flag.String("distinct-id").pipe(
      Flag.withDescription("The person that this id leads to"),
      Flag.optional,
    ),
    search: Flag.String("search").pipe(
      Flag.withDescription("Look into distinct ids and properties"),
      Flag.optional,
    ),
    cursor: Flag.String("cursor").pipe(
      Flag.withDescription("The `next` of an earlier answer"),
      Flag.optional,
    ),
    filterInternal: Flag.Boolean("filter-internal").pipe(
      Flag.withDescription("Leave out the project's own people, as its policy tells them"),
      Flag.withDefault(false),
    ),
    limit,
    at,
  },
  Effect.fn(function* (given) {
    const { views, answer } = yield* askPersons(
      given,
      Effect.fnUntraced(function* (project) {
        const { at, position } = yield* asOf(project, given.at)
        const { results: views, next = null } = yield* found(project, given, at)
        const results = views.map((view) => PersonForms.person(project, view))
        return { views, answer: { results, next, position } }
      }),
    )
    yield* Console.log(given.json ? JSON.stringify(answer) : print(views))
  }),
).pipe(Command.withDescription("Show persons"))

interface Given {
  readonly distinctId: Option.Option<string>
  readonly search: Option.Option<string>
  readonly cursor: Option.Option<string>
  readonly filterInternal: boolean
  readonly limit: number
}

const found = Effect.fnUntraced(function* (
  project: ProjectId,
  { distinctId, search, cursor, filterInternal, limit }: Given,
  at: Position | undefined,
) {
  const persons = yield* Persons
  if (Option.isSome(distinctId)) {
    const view = yield* persons.find(project, DistinctId(distinctId.value), at)
    const kept = filterInternal ? yield* InternalUsers.keep(project, view) : view
    return { results: kept === undefined ? [] : [kept], next: undefined }
  }
  const question = {
    project,
    limit,
    ...(Option.isSome(search) && { search: search.value }),
    ...(Option.isSome(cursor) && { cursor: cursor.value }),
    ...(at !== undefined && { at }),
  }
  return yield* filterInternal ? InternalUsers.list(question) : persons.list(question)
})

const print = (views: ReadonlyArray<PersonView>): string =>
  table(
    ["PERSON", "IDENTIFIED", "CREATED", "DISTINCT IDS", "PROPERTIES"],
    views.map((view) => [
      view.id,
      view.isIdentified ? "yes" : "no",
      new Date(view.createdAt).toISOString(),
      view.distinctIds.join(" "),
      JSON.stringify(view.properties),
    ]),
  )
