import { Effect, Result } from "effect"
import type { Invalid } from "@onymous/identity/encoding/Invalid"
import { PersonsError } from "@onymous/persons/PersonsError"
import { CouldNot, SaysNo, WrongUse } from "../CommandError.ts"

/** What was typed for a field of the API: by that name the user finds what to change. */
export type Names = (field: string) => string

/** Names an argument in capitals, as the help does; a field that is not listed has a flag of its name. */
export const named =
  (names: Readonly<Record<string, string>>): Names =>
  (field) =>
    field.replace(/^[^.[]+/, (head) => names[head] ?? `--${head.replaceAll("_", "-")}`)

/** Names the flag that holds all fields. */
export const ofFlag =
  (flag: string): Names =>
  (field) =>
    `${flag} ${field}`

/** What errors of the services and of the API tell: they are told apart by their tags. */
interface Told {
  readonly _tag: string
  readonly field?: unknown
  readonly expected?: unknown
  readonly distinctId?: unknown
  readonly distinct_id?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly isUnknown?: unknown
}

const isTold = (error: unknown): error is Told =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"

/** How a question was asked. */
export interface Asking {
  readonly names?: Names
  /** True where the body was understood before: what the server refuses then is the act. */
  readonly isAct?: boolean
  /** The address of the server that was asked. */
  readonly url?: string
}

/**
 * The error of a command for that of an answer, whoever gave it: a database and a server lead to
 * the same words and exit codes. What is not known stays as it is.
 */
export const ofAnswer =
  ({ names = named({}), isAct = false, url = "" }: Asking) =>
  (error: unknown): unknown => {
    if (error instanceof PersonsError && error.reason._tag === "InvalidCursor") {
      const message = `${names("cursor")}: expected the \`next\` of an earlier answer`
      return new WrongUse({ message })
    }
    if (!isTold(error)) return error
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
        // Only the operator is told that there is no such project.
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

/** The innermost cause, which says why there was no connection. */
const causeOf = (error: unknown): string => {
  if (isTold(error) && "reason" in error) return causeOf(error.reason)
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

/** What was read, or wrong use by the name that was typed. */
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
