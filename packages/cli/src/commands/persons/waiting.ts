import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import * as AttributionForms from "@onymous/api/forms/AttributionForms"
import { Persons } from "@onymous/persons/Persons"
import { limit } from "../../flags/DatabaseFlags.ts"
import { askPersons, asOf, at, past } from "../../flags/PastFlags.ts"
import * as Answer from "../../output/Answer.ts"
import { table, text, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

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
          limit: given.limit + 1,
          withReleased: given.released,
          ...(at !== undefined && { at }),
        })
        return { results, position }
      }),
    )
    const shown = results.slice(0, given.limit)
    const next = results.length > shown.length ? (shown.at(-1)?.position ?? null) : null
    const answer = { results: shown.map(AttributionForms.waitingEvent), next, position }
    yield* Answer.print(answer, given.json, print)
  }),
).pipe(Command.withDescription("Show the events that wait in the buffer"))

const columns = [{ name: "POSITION" }, text("DISTINCT ID"), time("DUE"), { name: "RELEASED" }]

const print = (
  { results, next }: typeof AttributionForms.WaitingEvents.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["Nothing waits."]
  const rows = results.map(({ position, distinct_id, due_at, released_position, released_by }) => [
    `${position}`,
    distinct_id,
    due_at,
    released_position === null ? "" : `at ${released_position}, by ${released_by}`,
  ])
  const more = next === null ? [] : [`${rows.length} shown; older ones with --limit`]
  return [...table(columns, rows, width), ...more]
}
