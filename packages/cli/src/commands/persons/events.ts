import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { answer } from "../../asking/Ask.ts"
import { upTo } from "../../asking/Pages.ts"
import { limit, within } from "../../flags/DatabaseFlags.ts"
import { idFlag } from "../../flags/DistinctIds.ts"
import { at } from "../../flags/PastFlags.ts"
import { acting } from "../../flags/SourceFlags.ts"
import { eventsText } from "../../output/EventsText.ts"

/** Shows the events of a person, or of everybody, each with its person. */
export const events = Command.make(
  "events",
  {
    ...acting,
    distinctId: idFlag("distinct-id", "Only those of the person that this id leads to"),
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
      text: eventsText,
      points: { "--at": given.at },
      silentOn: ({ results }) => (results.length === 0 ? Option.toArray(given.distinctId) : []),
    })
  }),
).pipe(Command.withDescription("Show events, each with its person"))
