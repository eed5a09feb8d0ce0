import { Clock, Duration, Effect } from "effect"

/** The step sizes of a rebuild; the process does nothing else during a step. */
export interface Pace {
  /** Events of a page read from the log; the driver decodes a page in one step. */
  readonly readSize: number
  /** Events folded in one step. */
  readonly foldSize: number
  /** Pages read ahead of the fold, so that neither waits for the other. */
  readonly readAhead: number
  /** Pages that the fold runs ahead of the writer. */
  readonly foldAhead: number
  /** The pause between two steps. */
  readonly pause: Effect.Effect<void>
}

/** The pace of a process with nothing else to do. */
export const fast: Pace = {
  readSize: 2500,
  foldSize: 1000,
  readAhead: 2,
  foldAhead: 4,
  pause: Effect.yieldNow,
}

/**
 * The longest pause, in milliseconds: during a longer step, such as making an index, the database
 * works and not this process.
 */
const restMax = 1000

/**
 * The pace of a process that also answers requests: it reads, folds or writes, one at a time, and
 * then pauses for as long as the step took. Only the indexes at the end are made while rows are
 * written.
 */
export const gentle = Effect.gen(function* () {
  let resumed = yield* Clock.currentTimeMillis
  const pause = Effect.gen(function* () {
    const worked = (yield* Clock.currentTimeMillis) - resumed
    yield* Effect.sleep(Duration.millis(Math.min(Math.max(1, worked), restMax)))
    resumed = yield* Clock.currentTimeMillis
  })
  const pace: Pace = {
    readSize: 1000,
    foldSize: 500,
    readAhead: 0,
    foldAhead: 0,
    pause,
  }
  return pace
})
