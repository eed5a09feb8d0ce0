import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Persons, type WaitingView } from "@onymous/projector/Persons"
import { caughtUp } from "../CaughtUp.ts"
import { database, json, limit, onDatabase, project } from "../Options.ts"
import { table } from "../Output.ts"

/** Shows the events that wait for one that merges their id, and until when. */
export const waiting = Command.make(
  "waiting",
  {
    ...database,
    project,
    released: Flag.Boolean("released").pipe(
      Flag.withDescription("Also those that had waited, and what released them"),
      Flag.withDefault(false),
    ),
    limit,
    json,
  },
  Effect.fn(function* ({ project: id, released, limit, json: asJson, ...location }) {
    const program = Effect.gen(function* () {
      const position = yield* caughtUp(id)
      const persons = yield* Persons
      const results = yield* persons.waiting({ project: id, limit, withReleased: released })
      return { results, position }
    })
    const { results, position } = yield* onDatabase(location, program)
    yield* Console.log(
      asJson
        ? JSON.stringify({ results: results.map(toJson), position })
        : results.length === 0
          ? "Nothing waits."
          : print(results),
    )
  }),
).pipe(Command.withDescription("Show the events that wait in the buffer"))

const toJson = (view: WaitingView) => ({
  position: view.position,
  distinct_id: view.distinctId,
  due_at: new Date(view.dueAt).toISOString(),
  reason: "unknown_distinct_id",
  released_position: view.released?.position ?? null,
  released_by: view.released?.by ?? null,
  person_id: view.released?.personId ?? null,
})

const print = (views: ReadonlyArray<WaitingView>): string =>
  table(
    ["POSITION", "DISTINCT ID", "DUE", "RELEASED"],
    views.map(({ position, distinctId, dueAt, released }) => [
      `${position}`,
      distinctId,
      new Date(dueAt).toISOString(),
      released === undefined ? "" : `at ${released.position}, by ${released.by}`,
    ]),
  )
