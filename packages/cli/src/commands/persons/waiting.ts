import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as MemoryWaiting from "@onymous/persons/memory/MemoryWaiting"
import { Persons, type WaitingView } from "@onymous/persons/Persons"
import { caughtUp } from "../../CaughtUp.ts"
import { limit, onDatabase } from "../../flags/DatabaseFlags.ts"
import { table } from "../../output/Table.ts"
import { at, fileAt, past, positionAt, projectOf } from "../../flags/PastFlags.ts"

/** Shows the events that wait for one that merges their id, and until when. */
export const waiting = Command.make(
  "waiting",
  {
    ...past,
    at,
    released: Flag.Boolean("released").pipe(
      Flag.withDescription("Also those that had waited, and what released them"),
      Flag.withDefault(false),
    ),
    limit,
  },
  Effect.fn(function* (given) {
    const project = projectOf(given)
    const question = { limit: given.limit, withReleased: given.released }
    const ofDatabase = Effect.gen(function* () {
      const head = yield* caughtUp(project)
      const at = yield* positionAt(project, given.at)
      const asked = { project, ...question, ...(at !== undefined && { at }) }
      return { results: yield* (yield* Persons).waiting(asked), position: at ?? head }
    })
    const ofFile = Effect.map(fileAt(given), ({ history, position }) => ({
      results: MemoryWaiting.waiting(history.tables, { ...question, at: position }),
      position,
    }))
    const { results, position } = yield* Option.isSome(given.file)
      ? ofFile
      : onDatabase(given, ofDatabase)
    yield* Console.log(
      given.json
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
