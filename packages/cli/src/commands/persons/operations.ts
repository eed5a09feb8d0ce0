import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as EventForms from "@onymous/api/forms/EventForms"
import { answer } from "../../asking/Ask.ts"
import { upTo } from "../../asking/Pages.ts"
import { limit, within } from "../../flags/DatabaseFlags.ts"
import { at } from "../../flags/PastFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"
import { table, text, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

/** Shows operators' acts, each with the uuid by which it can be retracted. */
export const operations = Command.make(
  "operations",
  {
    ...acting,
    before: Flag.Int("before").pipe(
      within(0),
      Flag.withDescription("Only those before this position, as the end of a list tells it"),
      Flag.optional,
    ),
    limit,
    at,
  },
  Effect.fn(function* (given) {
    const query = { at: Option.getOrUndefined(given.at) }
    yield* answer(given, {
      question: ({ past, params }) =>
        upTo(given.limit, (limit, before = Option.getOrUndefined(given.before)) =>
          past.operations({ params, query: { ...query, limit, before } }),
        ),
      text: print,
      points: { "--at": given.at },
    })
  }),
).pipe(Command.withDescription("Show what operators did, who and why"))

const columns = [
  { name: "POSITION" },
  time("TIME", 2),
  text("ACT"),
  text("DISTINCT ID"),
  text("DETAILS", 1),
  text("BY"),
  text("REASON"),
  { name: "UUID", spare: 3 },
]

const print = (
  { results, next }: typeof EventForms.Acts.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["No operator did anything."]
  const rows = results.map((act) => [
    `${act.position}`,
    act.received_at,
    act.api,
    act.distinct_id ?? "",
    JSON.stringify(act.details),
    act.by ?? "",
    act.reason ?? "",
    act.event_uuid,
  ])
  return [
    ...table(columns, rows, width),
    ...(next === null
      ? []
      : [`${rows.length} shown; older ones: --before ${next}, or more with --limit`]),
  ]
}
