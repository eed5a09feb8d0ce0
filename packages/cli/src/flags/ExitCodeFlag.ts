import { Effect } from "effect"
import { Flag } from "effect/cli"
import { SaysNo } from "../CommandError.ts"

/** The flag that gives a script the answer, yes or no, by the exit code. */
export const exitCode = Flag.Boolean("exit-code").pipe(
  Flag.withDescription(
    "End with 1 where the answer is no: not one person, something differs, none",
  ),
  Flag.withDefault(false),
)

/** Ends with 1 where the flag is set and the answer, which was printed, is no. */
export const endWith = (isAsked: boolean, isNo: boolean): Effect.Effect<void, SaysNo> =>
  isAsked && isNo ? Effect.fail(new SaysNo({ message: "" })) : Effect.void
