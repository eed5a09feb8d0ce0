/** Why a call was rejected; over HTTP, the same reason has the same code. */
export type ErrorCode =
  /** A field has another form than expected. */
  | "invalid_input"
  /** A field names no point or event of the log. */
  | "unknown_point"
  /** An act would do nothing, or cannot be done. */
  | "refused"
  /** Nobody has the distinct id, or there is no such project or database. */
  | "not_found"
  /** The persons did not reach the position in time. */
  | "not_reached"
  /** Too many events wait to be written. */
  | "overloaded"
  /** The database does not answer. */
  | "unavailable"
  /** The persons of the project are not kept up to date until the reason is mended. */
  | "stopped"
  /** The log was wound back, lacks events, or is another one. */
  | "wrong_log"
  /** Another rebuild of the project is under way. */
  | "being_made"
  /** Some of several rebuilds failed. */
  | "not_rebuilt"
  /** Another process has the directory. */
  | "in_use"
  /** The role lacks a right in the database. */
  | "denied"
  /** The database or its tables are of another kind or of a later version. */
  | "unusable"
  /** The Onymous is closed. */
  | "closed"
  /** Anything else; the cause says what. */
  | "failed"

/** The facts of an error. */
export interface ErrorFacts {
  readonly code: ErrorCode
  readonly message: string
  /** True where the same call may succeed later, with nothing mended. */
  readonly isRetryable?: boolean
  readonly field?: string | undefined
  readonly expected?: string | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly cause?: unknown
}

/** The one error with which calls of the library reject; its code is the same over HTTP. */
export class OnymousError extends Error {
  readonly code: ErrorCode
  /** True where the same call may succeed later, with nothing mended. */
  readonly isRetryable: boolean
  /** The field that is to blame, by its name in the library. */
  readonly field: string | undefined
  /** What was expected in the field. */
  readonly expected: string | undefined
  /** How long to wait before the next try, where that is known. */
  readonly retryAfterSeconds: number | undefined

  constructor({ code, message, cause, isRetryable = false, ...facts }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "OnymousError"
    this.code = code
    this.isRetryable = isRetryable
    this.field = facts.field
    this.expected = facts.expected
    this.retryAfterSeconds = facts.retryAfterSeconds
  }

  /** The error for a log or an answer: without its cause, because that may name hosts and statements. */
  toJSON(): object {
    const { code, message, isRetryable, field, expected, retryAfterSeconds } = this
    return {
      code,
      message,
      isRetryable,
      ...(field !== undefined && { field }),
      ...(expected !== undefined && { expected }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    }
  }
}
