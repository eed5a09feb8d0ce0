import { Clock, Effect } from "effect"
import type { SqlError } from "effect/sql"
import { codeOf } from "@onymous/database/ErrorText"

/** The SQLSTATE of a full disk. */
const diskFull = "53100"

/** Milliseconds after which a full disk may have room again: without appends, nothing else would tell. */
const validity = 10_000

/**
 * Remembers that an append found the disk full, because a question still succeeds then, and so does a statement that
 * writes little.
 */
export const make = () => {
  let found: { readonly error: SqlError.SqlError; readonly at: number } | undefined
  return {
    /** An append; its success forgets a full disk. */
    watch: <A, E extends { readonly _tag: string }, R>(
      append: Effect.Effect<A, E | SqlError.SqlError, R>,
    ) =>
      append.pipe(
        Effect.tap(() => Effect.sync(() => (found = undefined))),
        Effect.tapError((error) =>
          Effect.map(Clock.currentTimeMillis, (at) => {
            if (isFull(error)) found = { error, at }
          }),
        ),
      ),
    /** Fails as the last append did, if it found the disk full a short time ago. */
    check: Effect.flatMap(Clock.currentTimeMillis, (now) =>
      found === undefined || now - found.at > validity ? Effect.void : Effect.fail(found.error),
    ),
  }
}

const isFull = (error: { readonly _tag: string }): error is SqlError.SqlError =>
  error._tag === "SqlError" && codeOf(error) === diskFull
