import { Clock, Effect } from "effect"
import type { SqlError } from "effect/sql"
import { codeOf } from "@onymous/database/ErrorText"
import { EventLogError } from "../EventLog.ts"

/** The SQLSTATE of a full disk. */
const diskFull = "53100"

/** Milliseconds after which a full disk may have room again: without appends, nothing else would tell. */
const validity = 10_000

/** Milliseconds after which a running append counts as stuck, behind a lock of another session for instance. */
const patience = 5_000

/**
 * Watches appends for what a question does not notice: a full disk, on which a statement that writes little still
 * succeeds, and a lock on the table of events.
 */
export const make = () => {
  let full: { readonly error: SqlError.SqlError; readonly at: number } | undefined
  /** When an append last succeeded. */
  let succeededAt = Number.NEGATIVE_INFINITY
  /** When each running append began. */
  const running = new Set<{ readonly since: number }>()
  return {
    /** An append; its success forgets a full disk. */
    watch: <A, E extends { readonly _tag: string }, R>(
      append: Effect.Effect<A, E | SqlError.SqlError, R>,
    ) =>
      Effect.flatMap(Clock.currentTimeMillis, (since) => {
        const mark = { since }
        const told = append.pipe(
          Effect.tap(() =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              succeededAt = at
              full = undefined
            }),
          ),
          Effect.tapError((error) =>
            Effect.map(Clock.currentTimeMillis, (at) => {
              if (isFull(error)) full = { error, at }
            }),
          ),
        )
        return Effect.acquireUseRelease(
          Effect.sync(() => running.add(mark)),
          () => told,
          () => Effect.sync(() => running.delete(mark)),
        )
      }),
    /**
     * Fails where the last append found the disk full a short time ago, or where one is stuck and no other has succeeded
     * since it began: a transaction of a host that keeps one project waiting concerns no other.
     */
    check: Effect.flatMap(
      Clock.currentTimeMillis,
      (now): Effect.Effect<void, SqlError.SqlError | EventLogError> => {
        if (full !== undefined && Math.abs(now - full.at) <= validity)
          return Effect.fail(full.error)
        // They began in the order in which the set has them.
        const [oldest] = running
        const isGoingOn = oldest === undefined || succeededAt >= oldest.since
        return isGoingOn || now - oldest.since < patience
          ? Effect.void
          : Effect.fail(stuck(now - oldest.since))
      },
    ),
  }
}

const isFull = (error: { readonly _tag: string }): error is SqlError.SqlError =>
  error._tag === "SqlError" && codeOf(error) === diskFull

const stuck = (milliseconds: number) => {
  const cause = new Error(`An append has had no answer for ${Math.trunc(milliseconds / 1000)} s.`)
  return new EventLogError({ reason: { _tag: "Unavailable", cause } })
}
