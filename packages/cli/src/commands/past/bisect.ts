import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { answerPast, past } from "../../flags/PastFlags.ts"

/** Finds the first position at which a condition holds. */
export const bisect = Command.make(
  "bisect",
  {
    condition: Argument.String("condition").pipe(
      Argument.withDescription(
        'same A B, property A KEY = JSON, ids A ">" N, persons ">" N, or warnings TYPE ">" N',
      ),
      Argument.variadic({ min: 1 }),
    ),
    ...past,
  },
  Effect.fn(function* (given) {
    // The condition is one argument, or an argument a word.
    const [only = "", ...more] = given.condition
    const condition = more.length === 0 ? only : given.condition
    const { lasting } = yield* answerPast(
      given,
      (past, project) => past.bisect(project, condition),
      { form: ChangeForms.bisect, text: print },
    )
    if (!lasting) yield* Console.error("It came and went since.")
  }),
).pipe(Command.withDescription("Find the first position at which something was true"))

const print = (found: typeof ChangeForms.Bisect.Type): ReadonlyArray<string> => {
  const { position, received_at, event, event_uuid } = found
  if (position === null) return ["It never was."]
  return [
    [`${position}`, received_at, event, event_uuid].filter((each) => each !== null).join("  "),
  ]
}
