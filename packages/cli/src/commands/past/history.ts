import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { valueChanges } from "../../output/PersonText.ts"
import { ids, table, time } from "../../output/Table.ts"
import type { Width } from "../../output/TextWrap.ts"
import { answerPast, at, past } from "../../flags/PastFlags.ts"

/** Shows every change of the person of an id, each with its cause. */
export const history = Command.make(
  "history",
  { id: Argument.String("id").pipe(Argument.withDescription("A distinct id")), ...past, at },
  Effect.fn(function* (given) {
    const question = { distinctId: given.id, at: Option.getOrUndefined(given.at) }
    yield* answerPast(given, (past, project) => past.history(project, question), {
      form: (story, project) => ChangeForms.history(project, story),
      text: (form, width) => print(form, given.id, width),
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
  const rows = history.map(({ position, received_at, event, what, after }, index) => [
    `${position}`,
    received_at ?? "",
    event ?? "",
    [what, ...valueChanges(history[index - 1]?.after ?? null, after)],
  ])
  return table(columns, rows, width)
}
