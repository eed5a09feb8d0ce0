import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import { differenceText } from "../../output/DifferenceText.ts"
import { endWith, exitCode } from "../../flags/ExitCodeFlag.ts"
import { answerPast, past } from "../../flags/PastFlags.ts"

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
    person: Flag.String("person").pipe(
      Flag.withDescription("Only persons that have this distinct id on one of the sides"),
      Flag.optional,
    ),
    exitCode,
  },
  Effect.fn(function* (given) {
    const question = {
      from: given.from,
      to: Option.getOrUndefined(given.to),
      distinctId: Option.getOrUndefined(given.person),
    }
    const found = yield* answerPast(given, (past, project) => past.diff(project, question), {
      form: (found, project) => ChangeForms.difference(project, found),
      text: differenceText,
    })
    const { persons, warnings } = found
    const count = persons.length + warnings.added.length + warnings.removed.length
    yield* endWith(given.exitCode, count > 0)
  }),
).pipe(Command.withDescription("Show what changed between two points"))
