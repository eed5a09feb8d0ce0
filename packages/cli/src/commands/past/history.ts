import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { nameOf } from "@onymous/api/forms/EventForms"
import type { Happening } from "@onymous/timetravel/questions/Story"
import { table } from "../../output/Table.ts"
import { answerPast, at, past } from "../../flags/PastFlags.ts"

/** Shows every change of the person of an id, each with its cause. */
export const history = Command.make(
  "history",
  { id: Argument.String("id").pipe(Argument.withDescription("A distinct id")), ...past, at },
  Effect.fn(function* (given) {
    const question = { distinctId: given.id, at: Option.getOrUndefined(given.at) }
    yield* answerPast(given, (past, project) => past.history(project, question), {
      form: (story, project) => ChangeForms.history(project, story),
      text: (story) => print(story, given.id),
    })
  }),
).pipe(Command.withDescription("Show every change of an id's person, each with its cause"))

const print = (story: ReadonlyArray<Happening>, id: string): string =>
  story.length === 0
    ? `Nothing ever happened to ${id}.`
    : table(
        ["POSITION", "EVENT", "WHAT", "PERSON AFTER IT"],
        story.map(({ position, event, what, after }) => [
          `${position}`,
          event === undefined ? "" : nameOf(event.event),
          what,
          after === undefined
            ? ""
            : `${after.distinctIds.join(" ")} ${JSON.stringify(after.properties)}`,
        ]),
      )
