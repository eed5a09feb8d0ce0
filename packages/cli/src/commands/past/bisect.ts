import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import type * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { past } from "../../flags/PastFlags.ts"

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
    const condition = conditionOf(given.condition)
    const { lasting } = yield* answer(given, {
      question: ({ past, params }) => past.bisect({ params, query: { condition } }),
      text: print,
      names: named({ condition: "CONDITION" }),
    })
    if (!lasting) yield* Console.error("It came and went since.")
  }),
).pipe(Command.withDescription("Find the first position at which something was true"))

const isPlain = /^[^\s"]+$/

/** The condition, typed as one argument or as an argument for each word, of which those with spaces are quoted. */
const conditionOf = (words: ReadonlyArray<string>): string => {
  const isValue = (index: number) => words[0] === "property" && index > 3
  return words.length === 1
    ? words.join("")
    : words
        .map((word, index) => (isPlain.test(word) || isValue(index) ? word : JSON.stringify(word)))
        .join(" ")
}

const print = (found: typeof ChangeForms.Bisect.Type): ReadonlyArray<string> => {
  const { position, received_at, event, event_uuid } = found
  if (position === null) return ["It never was."]
  return [
    [`${position}`, received_at, event, event_uuid].filter((each) => each !== null).join("  "),
  ]
}
