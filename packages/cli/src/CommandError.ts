import { Cause, Data } from "effect"
import { CliError } from "effect/cli"
import { causeText } from "@onymous/database/ErrorText"

/** The command failed; the message is for the operator. */
export class CouldNot extends Data.TaggedError("CouldNot")<{ readonly message: string }> {}

/**
 * The command succeeded with the answer no: a verification that differs, lines that were refused.
 */
export class SaysNo extends Data.TaggedError("SaysNo")<{ readonly message: string }> {}

/** The arguments do not fit together. */
export class WrongUse extends Data.TaggedError("WrongUse")<{ readonly message: string }> {}

/** The exit code of a failed command: 1 it says no, 2 wrong use, 3 could not (DESIGN §7). */
export const exitCodeOf = (cause: Cause.Cause<unknown>): number => {
  const error = Cause.squash(cause)
  if (error instanceof SaysNo) return 1
  return error instanceof WrongUse || CliError.isCliError(error) ? 2 : 3
}

/** The message of a failure for the operator, with each of its causes. */
export const messageOf = (cause: Cause.Cause<unknown>): string => causeText(Cause.squash(cause))
