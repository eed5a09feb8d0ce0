import { Effect, Result } from "effect"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import { PersonsError } from "@onymous/persons/PersonsError"
import { CouldNot, SaysNo, WrongUse } from "../CommandError.ts"

/** The name of the argument or flag for a field of the API, so that errors name what the user typed. */
export type Names = (field: string) => string

/** Names listed fields by their arguments in capitals, as the help does, and other fields by flags of the same name. */
export const named =
  (names: Readonly<Record<string, string>>): Names =>
  (field) =>
    field.replace(/^[^.[]+/, (head) => names[head] ?? `--${head.replaceAll("_", "-")}`)

/** Names one flag for all fields. */
export const ofFlag =
  (flag: string): Names =>
  (field) =>
    `${flag} ${field}`

/** An error of a service or of the API, which its tag tells from others. */
interface TaggedError {
  readonly _tag: string
  readonly field?: unknown
  readonly expected?: unknown
  readonly distinctId?: unknown
  readonly distinct_id?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly isUnknown?: unknown
}

const isTagged = (error: unknown): error is TaggedError =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"

/** The circumstances of a question, for its errors. */
export interface Asking {
  readonly names?: Names
  /** True where the body was validated before, so that a refusal by the server is about the act. */
  readonly isAct?: boolean
  /** The address of the server that was asked. */
  readonly url?: string
}

/**
 * The command's error for an error of an answer, with the same words and exit codes for a database and a server.
 * Unknown errors stay as they are.
 */
export const ofAnswer =
  ({ names = named({}), isAct = false, url = "" }: Asking) =>
  (error: unknown): unknown => {
    if (error instanceof PersonsError && error.reason._tag === "InvalidCursor") {
      const message = `${names("cursor")}: expected the \`next\` of an earlier answer`
      return new WrongUse({ message })
    }
    if (!isTagged(error)) return error
    const named = `${names(String(error.field))}: expected ${String(error.expected)}`
    switch (error._tag) {
      case "OperationRefused":
        return new SaysNo({ message: named })
      case "NotUnderstood":
        return new WrongUse({
          message: named,
          code: error.isUnknown === true ? "unknown_point" : "invalid_input",
        })
      case "InvalidQuestion": {
        const failure = { message: named, code: String(error.code) }
        return isAct ? new SaysNo(failure) : new WrongUse(failure)
      }
      case "PersonNotFound":
        return new SaysNo({
          code: "not_found",
          message: `Nobody is called ${String(error.distinctId ?? error.distinct_id)}.`,
        })
      case "Unauthorized":
        // Only the operator's key reveals that a project does not exist.
        if (String(error.message).startsWith("There is no project")) {
          return new CouldNot({ message: String(error.message), code: "not_found" })
        }
        return new WrongUse({
          code: "unauthorized",
          message: `--key: ${url} says: ${String(error.message)}`,
        })
      case "Unavailable":
        return new CouldNot({
          message: `${url} says: ${String(error.message)}`,
          code: String(error.code),
        })
      case "TooLong":
        return new CouldNot({ message: String(error.message), code: "too_long" })
      case "NotReached":
        return new CouldNot({ message: String(error.message), code: "not_reached" })
      case "HttpClientError":
        return new CouldNot({
          code: "unavailable",
          message: `There is no answer from ${url}: ${causeOf(error)}`,
        })
      case "SchemaError":
        return new CouldNot({ message: `${url} answers in another form: ${String(error.message)}` })
      default:
        return error
    }
  }

/** The innermost cause, which explains why there was no connection. */
const causeOf = (error: unknown): string => {
  if (isTagged(error) && "reason" in error) return causeOf(error.reason)
  if (
    typeof error === "object" &&
    error !== null &&
    "cause" in error &&
    error.cause !== undefined
  ) {
    return causeOf(error.cause)
  }
  return error instanceof Error ? error.message : String(error)
}

/** The value read, or a wrong use by the name that was typed. */
export const orWrongUse = <A>(
  read: Result.Result<A, Invalid>,
  names: Names,
): Effect.Effect<A, WrongUse> =>
  Result.isSuccess(read)
    ? Effect.succeed(read.success)
    : Effect.fail(
        new WrongUse({
          message: `${names(read.failure.field)}: expected ${read.failure.expected}`,
        }),
      )
