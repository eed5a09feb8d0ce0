import { Cause, Data } from "effect"

/** The command cannot do what was asked of it; its message is for the operator. */
export class CouldNot extends Data.TaggedError("CouldNot")<{ readonly message: string }> {}

/** The answer is no: a verification that differs, lines that were refused. */
export class SaysNo extends Data.TaggedError("SaysNo")<{ readonly message: string }> {}

/** The arguments do not fit together. */
export class WrongUse extends Data.TaggedError("WrongUse")<{ readonly message: string }> {}

/** What a failure says to the operator. */
export const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
