import { Cause, Data } from "effect"
import { causeText } from "@onymous/database/ErrorText"

/** The command failed; the message is for the operator. */
export class CouldNot extends Data.TaggedError("CouldNot")<{ readonly message: string }> {}

/**
 * The command succeeded with the answer no: a verification that differs, lines that were refused.
 */
export class SaysNo extends Data.TaggedError("SaysNo")<{ readonly message: string }> {}

/** The arguments do not fit together. */
export class WrongUse extends Data.TaggedError("WrongUse")<{ readonly message: string }> {}

/** The message of a failure for the operator, with each of its causes. */
export const messageOf = (cause: Cause.Cause<unknown>): string => causeText(Cause.squash(cause))
