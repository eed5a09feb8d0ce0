import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as PersonForms from "@onymous/api/forms/PersonForms"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { Persons } from "@onymous/persons/Persons"
import { limit } from "../../flags/DatabaseFlags.ts"
import { askPersons, asOf, at, past } from "../../flags/PastFlags.ts"
import * as Answer from "../../output/Answer.ts"
import { idsOf } from "../../output/PersonText.ts"
import { identified, ids, json, jsonItems, person, table, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

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
    const answer = yield* askPersons(
      given,
      Effect.fnUntraced(function* (project) {
        const { at, position } = yield* asOf(project, given.at)
        const { results: views, next = null } = yield* found(project, given, at)
        return { results: views.map((view) => PersonForms.person(project, view)), next, position }
      }),
    )
    yield* Answer.print(answer, given.json, print)
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

const columns = [
  person("PERSON"),
  identified,
  time("CREATED", 1),
  ids("DISTINCT IDS"),
  json("PROPERTIES", 3),
]

const print = (
  { results, next }: typeof PersonForms.Persons.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["No persons."]
  const rows = results.map((each) => [
    each.person_id,
    each.is_identified ? "yes" : "no",
    each.created_at,
    idsOf(each.distinct_ids, width),
    jsonItems(each.properties),
  ])
  return [
    ...table(columns, rows, width),
    ...(next === null
      ? []
      : [`${rows.length} shown; older ones: --cursor ${next}, or more with --limit`]),
  ]
}
