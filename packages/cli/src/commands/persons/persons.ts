import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type * as PersonForms from "@onymous/api/forms/PersonForms"
import { answer } from "../../asking/Ask.ts"
import { upTo } from "../../asking/Pages.ts"
import { WrongUse } from "../../CommandError.ts"
import { limit } from "../../flags/DatabaseFlags.ts"
import { idFlag } from "../../flags/DistinctIds.ts"
import { at, past } from "../../flags/PastFlags.ts"
import { idsOf } from "../../output/PersonText.ts"
import { identified, ids, json, jsonItems, person, table, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"

/** Shows persons: the person of a distinct id, those with a text in them, or the newest. */
export const persons = Command.make(
  "persons",
  {
    ...past,
    distinctId: idFlag("distinct-id", "The person that this id leads to"),
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
  },
  Effect.fn(function* (given) {
    if (Option.isSome(given.distinctId) && Option.isSome(given.search)) {
      return yield* new WrongUse({ message: "--distinct-id or --search: expected one of them" })
    }
    const query = {
      distinct_id: Option.getOrUndefined(given.distinctId),
      search: Option.getOrUndefined(given.search),
      filter_internal: given.filterInternal ? ("true" as const) : undefined,
      at: Option.getOrUndefined(given.at),
    }
    yield* answer(given, {
      question: ({ project, params }) =>
        upTo(given.limit, (limit, cursor = Option.getOrUndefined(given.cursor)) =>
          project.persons({ params, query: { ...query, limit, cursor } }),
        ),
      text: print,
      points: { "--at": given.at },
      silentOn: ({ results }) => (results.length === 0 ? Option.toArray(given.distinctId) : []),
    })
  }),
).pipe(Command.withDescription("Show persons"))

const columns = [
  person("PERSON"),
  identified,
  time("CREATED", 1),
  ids("DISTINCT IDS"),
  json("PROPERTIES", 3),
]

const print = (
  { results, next, waiting = [] }: typeof PersonForms.Persons.Type,
  width: Width,
): ReadonlyArray<string> => {
  if (waiting.length > 0) {
    return waiting.map(
      ({ distinct_id, position, due_at }) =>
        `${distinct_id} has no person yet: the event of it at ${position} waits until ${due_at} for one that merges the id.`,
    )
  }
  if (results.length === 0) return ["No persons."]
  const rows = results.map((each) => [
    each.person_id,
    each.is_identified ? "yes" : "no",
    each.created_at,
    idsOf(each.distinct_ids, width),
    jsonItems(each.properties),
  ])
  return [
    ...table(columns, rows, width),
    ...(next === null
      ? []
      : [`${rows.length} shown; older ones: --cursor ${next}, or more with --limit`]),
  ]
}
