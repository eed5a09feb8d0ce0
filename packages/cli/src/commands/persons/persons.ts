import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as InternalUsers from "@onymous/persons/InternalUsers"
import { matches } from "@onymous/persons/memory/MemoryPersons"
import { Persons, type PersonView } from "@onymous/persons/Persons"
import { caughtUp } from "../../CaughtUp.ts"
import { database, json, limit, onDatabase, project } from "../../flags/DatabaseFlags.ts"
import { WrongUse } from "../../CommandError.ts"
import { table } from "../../output/Table.ts"
import { at, fileAt, type Given, past, positionAt } from "../../flags/PastFlags.ts"

const { file, preset } = past

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
    at,
    file,
    preset,
    json,
  },
  Effect.fn(function* (asked) {
    if (Option.isSome(asked.file)) return yield* ofFile(asked)
    const program = Effect.gen(function* () {
      const position = yield* caughtUp(asked.project)
      const at = yield* positionAt(asked.project, asked.at)
      return { ...(yield* found(asked, at)), position: at ?? position }
    })
    const { results, next, position } = yield* onDatabase(asked, program)
    const answer = { results: results.map(toJson), next: next ?? null, position }
    yield* Console.log(asked.json ? JSON.stringify(answer) : print(results))
  }),
).pipe(Command.withDescription("Show persons"))

/** The persons of a file: all of them, or that of an id, now or at a point. */
const ofFile = Effect.fnUntraced(function* (
  asked: Omit<Given, "project"> & Asked & { readonly json: boolean },
) {
  const unasked = [
    asked.filterInternal && "--filter-internal",
    Option.isSome(asked.cursor) && "--cursor",
  ]
  const flag = unasked.find((each) => each !== false)
  if (flag !== undefined) return yield* new WrongUse({ message: `${flag}: expected a database` })
  const project = asked.project === "1" ? Option.none() : Option.some(asked.project)
  const { history, position } = yield* fileAt({ ...asked, project })
  const results = Option.isSome(asked.distinctId)
    ? [history.personAt(DistinctId(asked.distinctId.value), position)].filter(
        (view) => view !== undefined,
      )
    : history
        .personsAt(position)
        .filter((view) => matches(view, Option.getOrUndefined(asked.search)))
  const shown = results.slice(0, asked.limit)
  const answer = { results: shown.map(toJson), next: null, position }
  yield* Console.log(asked.json ? JSON.stringify(answer) : print(shown))
})

interface Asked {
  readonly project: ProjectId
  readonly distinctId: Option.Option<string>
  readonly search: Option.Option<string>
  readonly cursor: Option.Option<string>
  readonly filterInternal: boolean
  readonly limit: number
  readonly at: Option.Option<string>
}

const found = Effect.fnUntraced(function* (asked: Asked, at: Position | undefined) {
  const { project: id, distinctId, search, cursor, filterInternal, limit } = asked
  const persons = yield* Persons
  if (Option.isSome(distinctId)) {
    const view = yield* persons.find(id, DistinctId(distinctId.value), at)
    const kept = filterInternal ? yield* InternalUsers.keep(id, view) : view
    return { results: kept === undefined ? [] : [kept], next: undefined }
  }
  const question = {
    project: id,
    limit,
    ...(Option.isSome(search) && { search: search.value }),
    ...(Option.isSome(cursor) && { cursor: cursor.value }),
    ...(at !== undefined && { at }),
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
