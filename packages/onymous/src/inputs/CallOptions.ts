import { Schema } from "effect"
import * as Shape from "./InputShape.ts"

/** What every call takes. */
export interface CallOptions {
  /** An abort ends the call; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Milliseconds; then the promise rejects with `timeout`. Default: none, and no call waits longer than its parts. */
  readonly timeout?: number
}

/** What every question takes. */
export interface Fresh extends CallOptions {
  /** Answers no earlier than this position, such as another process told it; or than the end of the log of now. */
  readonly minPosition?: number | "head"
}

const optional = Schema.optional

/** The fields of what every call takes. */
export const call = { signal: optional(Shape.signal), timeout: Shape.optionalTimeout }

/** The fields of what every question takes. */
export const fresh = { ...call, minPosition: optional(Shape.minPosition) }

/** Refuses options that are no call's; throws `InvalidInput`. */
export const check = Shape.checkOf(call)

/** Refuses what is no limit of a close; throws `InvalidInput`. */
export const checkClose = Shape.checkOf({ timeout: Shape.optionalTimeout })

/** Refuses options that are no question's; throws `InvalidInput`. */
export const checkFresh = Shape.checkOf(fresh)
