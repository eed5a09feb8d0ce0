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
  /** A transaction that has appended has not ended, or two cannot go on beside each other: begin this one again. */
  | "log_busy"
  /** The database does not answer. */
  | "unavailable"
  /** The persons of the project are not kept up to date until the reason is mended. */
  | "stopped"
  /** The log was wound back, lacks events, or is another one. */
  | "wrong_log"
  /** The log is longer than what is held in memory for such a question. */
  | "too_long"
  /** Another rebuild of the project is under way. */
  | "being_made"
  /** Somebody ended the rebuild. */
  | "ended"
  /** Some of several rebuilds failed. */
  | "not_rebuilt"
  /** Another process has the directory. */
  | "in_use"
  /** The role lacks a right in the database. */
  | "denied"
  /** The database or its tables are of another kind or of a later version. */
  | "unusable"
  /** The tables are not of this version, and nobody was asked to change them. */
  | "not_migrated"
  /** The call took longer than its `timeout`. */
  | "timeout"
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
  readonly isRecorded?: false | "unknown"
  readonly cause?: unknown
}

/** What a write may fail with after its events were sent to the log. */
const afterSending: ReadonlySet<ErrorCode> = new Set(["unavailable", "timeout", "failed"])

/** The same in every copy of the library that one process may have loaded. */
const brand = Symbol.for("onymous/OnymousError")

/** The one error with which calls of the library reject; its code is the same over HTTP. */
export class OnymousError extends Error {
  readonly _tag = "OnymousError"
  readonly [brand] = true
  readonly code: ErrorCode
  /** True where the same call may succeed later, with nothing mended. */
  readonly isRetryable: boolean
  /** The field that is to blame, by its name in the library. */
  readonly field: string | undefined
  /** What was expected in the field. */
  readonly expected: string | undefined
  /** How long to wait before the next try, where that is known. */
  readonly retryAfterSeconds: number | undefined
  /**
   * Whether what was to be written is in the log: `unknown` where nobody can say, and the same `uuid` makes a
   * second try harmless.
   */
  readonly isRecorded: false | "unknown"

  constructor({ code, message, cause, ...facts }: ErrorFacts) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "OnymousError"
    this.code = code
    this.isRetryable = facts.isRetryable ?? false
    this.isRecorded = facts.isRecorded ?? false
    this.field = facts.field
    this.expected = facts.expected
    this.retryAfterSeconds = facts.retryAfterSeconds
  }

  /** True for an error of this library, of any copy of it, and of a code where one is named. */
  static is(error: unknown, code?: ErrorCode): error is OnymousError {
    if (typeof error !== "object" || error === null || !(brand in error)) return false
    return code === undefined || Reflect.get(error, "code") === code
  }

  /** The same error of a call that writes. */
  ofWrite(): OnymousError {
    return afterSending.has(this.code)
      ? new OnymousError({
          ...this,
          message: this.message,
          cause: this.cause,
          isRecorded: "unknown",
        })
      : this
  }

  /** The error for a log or an answer: without its cause, because that may name hosts and statements. */
  toJSON(): object {
    const { code, message, isRetryable, field, expected, retryAfterSeconds, isRecorded } = this
    return {
      code,
      message,
      isRetryable,
      ...(field !== undefined && { field }),
      ...(expected !== undefined && { expected }),
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
      ...(isRecorded === "unknown" && { isRecorded }),
    }
  }
}
