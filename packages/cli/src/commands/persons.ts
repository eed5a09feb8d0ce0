import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { DistinctId } from "@onymous/identity/DistinctId"
import { Persons, type PersonView } from "@onymous/projector/Persons"
import { caughtUp } from "../CaughtUp.ts"
import { database, json, onDatabase, project } from "../Options.ts"
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
    limit: Flag.Int("limit").pipe(Flag.withDefault(100)),
    json,
  },
  Effect.fn(function* ({ project: id, distinctId, search, limit, json: asJson, ...location }) {
    const program = Effect.gen(function* () {
      const position = yield* caughtUp(id)
      const model = yield* Persons
      const results = Option.isSome(distinctId)
        ? [yield* model.find(id, DistinctId(distinctId.value))].filter((view) => view !== undefined)
        : (yield* model.list({
            project: id,
            limit,
            ...(Option.isSome(search) && { search: search.value }),
          })).results
      return { results, position }
    })
    const { results, position } = yield* onDatabase(location, program)
    yield* Console.log(
      asJson ? JSON.stringify({ results: results.map(toJson), position }) : print(results),
    )
  }),
).pipe(Command.withDescription("Show persons"))

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
