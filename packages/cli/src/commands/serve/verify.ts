import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import type { Verification } from "@onymous/timetravel/history/Verify"
import { SaysNo } from "../../CommandError.ts"
import { answerPast, past } from "../../flags/PastFlags.ts"

/** Compares the stored state with a fold of the whole log. */
export const verify = Command.make(
  "verify",
  {
    ...past,
    from: Flag.String("from").pipe(
      Flag.withDescription("Pass over what differs before this point"),
      Flag.optional,
    ),
  },
  Effect.fn(function* (given) {
    const question = { from: Option.getOrUndefined(given.from) }
    const { isOk, position, reason } = yield* answerPast(
      given,
      (past, project) => past.verify(project, question),
      { form: ChangeForms.verification, text: print },
    )
    if (!isOk) return yield* new SaysNo({ message: `It differs at ${position}: ${reason}.` })
  }),
).pipe(Command.withDescription("Replay everything and compare it with what is stored"))

const print = ({ isOk, position, stateHash, reason, persons }: Verification): string => {
  const named = persons.length === 0 ? "" : ` Persons that differ: ${persons.join(", ")}.`
  return isOk
    ? `What is there is what the log comes to, at position ${position}: state ${stateHash}.`
    : `It differs at position ${position}: ${reason}; the log comes to ${stateHash}.${named}`
}
