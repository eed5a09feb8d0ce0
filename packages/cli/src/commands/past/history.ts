import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { idLines, propertyChange } from "../../output/PersonText.ts"
import { ids, table, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { idArgument } from "../../flags/DistinctIds.ts"
import { at, past } from "../../flags/PastFlags.ts"

/** Shows every change of the person of an id, each with its cause. */
export const history = Command.make(
  "history",
  { id: idArgument("id", "A distinct id"), ...past, at },
  Effect.fn(function* (given) {
    const query = { distinct_id: given.id, at: Option.getOrUndefined(given.at) }
    yield* answer(given, {
      question: ({ past, params }) => past.history({ params, query }),
      text: (form, width) => print(form, given.id, width),
      names: named({ distinct_id: "ID" }),
      points: { "--at": given.at },
      silentOn: ({ history }) => (history.length === 0 ? [given.id] : []),
    })
  }),
).pipe(Command.withDescription("Show every change of an id's person, each with its cause"))

const columns = [
  { name: "POSITION" },
  time("TIME"),
  { name: "EVENT", spare: 1 },
  { ...ids("WHAT"), separator: ", " },
]

const print = (
  { history }: typeof ChangeForms.History.Type,
  id: string,
  width: Width,
): ReadonlyArray<string> => {
  if (history.length === 0) return [`Nothing ever happened to ${id}.`]
  const rows = history.map((each, index) => [
    `${each.position}`,
    each.received_at ?? "",
    each.event ?? "",
    [each.what, ...changesOf(each, history[index - 1]?.after ?? null, width)],
  ])
  return table(columns, rows, width)
}

type Happening = (typeof ChangeForms.History.Type)["history"][number]

/** The changes of the person: + for added, - for removed, ~ for another value. */
const changesOf = (
  { after, joined, left, properties }: Happening,
  before: Happening["after"],
  width: Width,
): ReadonlyArray<string> => {
  const [was, is] = [before?.is_identified ?? false, after?.is_identified ?? false]
  const isMoved = before !== null && after !== null && before.created_at !== after.created_at
  return [
    ...idLines("+", joined, width),
    ...idLines("-", left, width),
    ...properties.map(propertyChange),
    ...(was === is ? [] : [`${is ? "+" : "-"} identified`]),
    ...(isMoved ? [`~ created ${before.created_at} → ${after.created_at}`] : []),
  ]
}
