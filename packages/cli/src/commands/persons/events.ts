import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as AttributionForms from "@onymous/api/forms/AttributionForms"
import { answer } from "../../asking/Ask.ts"
import { upTo } from "../../asking/Pages.ts"
import { limit, within } from "../../flags/DatabaseFlags.ts"
import { at } from "../../flags/PastFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"
import { person, table, text, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

/** Shows the events of a person, or of everybody, each with its person. */
export const events = Command.make(
  "events",
  {
    ...acting,
    distinctId: Flag.String("distinct-id").pipe(
      Flag.withDescription("Only those of the person that this id leads to"),
      Flag.optional,
    ),
    before: Flag.Int("before").pipe(
      within(0),
      Flag.withDescription("Only those before this position, as the end of a list tells it"),
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
    const query = {
      distinct_id: Option.getOrUndefined(given.distinctId),
      filter_internal: given.filterInternal ? ("true" as const) : undefined,
      at: Option.getOrUndefined(given.at),
    }
    yield* answer(given, {
      question: ({ project, params }) =>
        upTo(given.limit, (limit, before = Option.getOrUndefined(given.before)) =>
          project.events({ params, query: { ...query, limit, before } }),
        ),
      text: print,
      points: { "--at": given.at },
      silentOn: ({ results }) => (results.length === 0 ? Option.toArray(given.distinctId) : []),
    })
  }),
).pipe(Command.withDescription("Show events, each with its person"))

const columns = [
  { name: "POSITION" },
  time("TIME", 2),
  text("EVENT"),
  text("DISTINCT ID"),
  { name: "STATUS", spare: 3 },
  person("PERSON"),
]

const print = (
  { results, next }: typeof AttributionForms.Events.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (results.length === 0) return ["No events."]
  const rows = results.map(({ position, received_at, event, distinct_id, status, person_id }) => [
    `${position}`,
    received_at,
    event,
    distinct_id,
    status,
    person_id ?? "",
  ])
  const more = next === null ? [] : [`${rows.length} shown; older ones: --before ${next}`]
  return [...table(columns, rows, width), ...more]
}
