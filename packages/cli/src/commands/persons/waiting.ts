import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as AttributionForms from "@onymous/api/forms/AttributionForms"
import { Persons, type WaitingView } from "@onymous/persons/Persons"
import { limit } from "../../flags/DatabaseFlags.ts"
import { askPersons, asOf, at, past } from "../../flags/PastFlags.ts"
import { table } from "../../output/Table.ts"

/** Shows the events that wait for a merge of their id, and the time of their release. */
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
    const { results, position } = yield* askPersons(
      given,
      Effect.fnUntraced(function* (project) {
        const { at, position } = yield* asOf(project, given.at)
        const results = yield* (yield* Persons).waiting({
          project,
          limit: given.limit,
          withReleased: given.released,
          ...(at !== undefined && { at }),
        })
        return { results, position }
      }),
    )
    const answer = { results: results.map(AttributionForms.waitingEvent), position }
    yield* Console.log(
      given.json
        ? JSON.stringify(answer)
        : results.length === 0
          ? "Nothing waits."
          : print(results),
    )
  }),
).pipe(Command.withDescription("Show the events that wait in the buffer"))

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
