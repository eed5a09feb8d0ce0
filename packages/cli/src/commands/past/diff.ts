import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { differenceText } from "../../output/DifferenceText.ts"
import { endWith, exitCode } from "../../flags/ExitCodeFlag.ts"
import { answer } from "../../asking/Ask.ts"
import { named } from "../../asking/AskingError.ts"
import { idFlag } from "../../flags/DistinctIds.ts"
import { past } from "../../flags/PastFlags.ts"

/** Shows the persons and warnings that differ between two points. */
export const diff = Command.make(
  "diff",
  {
    from: Argument.String("from").pipe(
      Argument.withDescription("A position, an ISO time, the uuid of an event, or 2h ago"),
    ),
    to: Argument.String("to").pipe(
      Argument.withDescription("Another point; now by default"),
      Argument.optional,
    ),
    ...past,
    person: idFlag("person", "Only persons that have this distinct id on one of the sides"),
    exitCode,
  },
  Effect.fn(function* (given) {
    const { from, person } = given
    const query = {
      from,
      to: Option.getOrUndefined(given.to),
      distinct_id: Option.getOrUndefined(person),
    }
    const found = yield* answer(given, {
      question: ({ past, params }) => past.diff({ params, query }),
      text: differenceText,
      names: named({ from: "FROM", to: "TO", distinct_id: "--person" }),
      points: { FROM: Option.some(from), TO: given.to },
      silentOn: ({ persons }) => (persons.length === 0 ? Option.toArray(person) : []),
    })
    const { persons, warnings } = found
    const count = persons.length + warnings.added.length + warnings.removed.length
    yield* endWith(given.exitCode, count > 0)
  }),
).pipe(Command.withDescription("Show what changed between two points"))
