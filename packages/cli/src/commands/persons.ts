import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { DistinctId } from "@onymous/identity/DistinctId"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as InternalUsers from "@onymous/projector/InternalUsers"
import { Persons, type PersonView } from "@onymous/projector/Persons"
import { caughtUp } from "../CaughtUp.ts"
import { database, json, limit, onDatabase, project } from "../Options.ts"
import { table } from "../Output.ts"

/** Shows persons: that of a distinct id, those that a text is found in, or the newest. */
export const persons = Command.make(
  "persons",
  {
    ...database,
    project,
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
    json,
  },
  Effect.fn(function* (asked) {
    const program = Effect.gen(function* () {
      const position = yield* caughtUp(asked.project)
      return { ...(yield* found(asked)), position }
    })
    const { results, next, position } = yield* onDatabase(asked, program)
    const answer = { results: results.map(toJson), next: next ?? null, position }
    yield* Console.log(asked.json ? JSON.stringify(answer) : print(results))
  }),
).pipe(Command.withDescription("Show persons"))

interface Asked {
  readonly project: ProjectId
  readonly distinctId: Option.Option<string>
  readonly search: Option.Option<string>
  readonly cursor: Option.Option<string>
  readonly filterInternal: boolean
  readonly limit: number
}

const found = Effect.fnUntraced(function* (asked: Asked) {
  const { project: id, distinctId, search, cursor, filterInternal, limit } = asked
  const persons = yield* Persons
  if (Option.isSome(distinctId)) {
    const view = yield* persons.find(id, DistinctId(distinctId.value))
    const kept = filterInternal ? yield* InternalUsers.keep(id, view) : view
    return { results: kept === undefined ? [] : [kept], next: undefined }
  }
  const question = {
    project: id,
    limit,
    ...(Option.isSome(search) && { search: search.value }),
    ...(Option.isSome(cursor) && { cursor: cursor.value }),
  }
  return yield* filterInternal ? InternalUsers.list(question) : persons.list(question)
})

const toJson = (view: PersonView) => ({
  id: view.id,
  distinct_ids: view.distinctIds,
  properties: view.properties,
  is_identified: view.isIdentified,
  created_at: new Date(view.createdAt).toISOString(),
  version: view.version,
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
