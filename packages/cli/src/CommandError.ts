import { Cause, Data, Effect } from "effect"
import { CliError } from "effect/cli"
import { causeText } from "@onymous/database/ErrorText"

/** A failure in words, and its code in the library and over HTTP, where that differs from the class's own. */
interface Failure {
  readonly message: string
  readonly code?: string
}

/** The command could not do its work; the message is for the operator. */
export class CouldNot extends Data.TaggedError("CouldNot")<Failure> {}

/**
 * The command succeeded with the answer no: a verification that differs, lines that were refused.
 */
export class SaysNo extends Data.TaggedError("SaysNo")<Failure> {}

/** The arguments do not fit together. */
export class WrongUse extends Data.TaggedError("WrongUse")<Failure> {}

/** The exit code of a failed command: 1 it says no, 2 wrong use, 3 could not (DESIGN §7). */
export const exitCodeOf = (cause: Cause.Cause<unknown>): number => {
  const error = Cause.squash(cause)
  if (error instanceof SaysNo) return 1
  return error instanceof WrongUse || CliError.isCliError(error) ? 2 : 3
}

/** The code of a failure, the same as in the library and over HTTP (CAPABILITIES.md). */
export const codeOf = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  const error = Cause.squash(cause)
  if (error instanceof SaysNo) return error.code ?? "refused"
  if (error instanceof CouldNot) return error.code ?? "failed"
  if (error instanceof WrongUse) return error.code ?? "invalid_input"
  if (CliError.isCliError(error)) return "invalid_input"
  // Loaded on demand, because it imports the errors of all services, which would slow the start down.
  const { errorOf } = yield* Effect.promise(() => import("onymous/errors/ErrorOf"))
  return errorOf(error).code
})

/** The message of a failure for the operator, with each of its causes. */
export const messageOf = (cause: Cause.Cause<unknown>): string => causeText(Cause.squash(cause))
