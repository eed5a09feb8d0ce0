import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as AttributionForms from "@onymous/api/forms/AttributionForms"
import { answer } from "../../asking/Ask.ts"
import { upTo } from "../../asking/Pages.ts"
import { limit } from "../../flags/DatabaseFlags.ts"
import { at, past } from "../../flags/PastFlags.ts"
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
    const query = {
      released: given.released ? ("true" as const) : undefined,
      at: Option.getOrUndefined(given.at),
    }
    yield* answer(given, {
      question: ({ project, params }) =>
        upTo(given.limit, (limit, before?: number) =>
          project.waiting({ params, query: { ...query, limit, before } }),
        ),
      text: print,
      points: { "--at": given.at },
    })
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
