import { Clock, Duration, Effect } from "effect"

/** How much is done at once: whatever else this process does waits for it. */
export interface Pace {
  /** How many events are read, whose columns the driver reads in one go. */
  readonly readTogether: number
  readonly foldedTogether: number
  /** How many pages are read ahead of the fold, so that neither waits for the other. */
  readonly readAhead: number
  /** How many pages are folded while others are written. */
  readonly foldedAhead: number
  /** What is done between two steps. */
  readonly pause: Effect.Effect<void>
}

/** For a process that has nothing else to do. */
export const fast: Pace = {
  readTogether: 2500,
  foldedTogether: 1000,
  readAhead: 2,
  foldedAhead: 4,
  pause: Effect.yieldNow,
}

/** The longest rest, in milliseconds: what takes longer, like making an index, is the database's work. */
const restMax = 1000

/**
 * For a process that answers others meanwhile: one thing at a time, here or in the database, and then a rest
 * for as long as that took. Only indexes at the end are made while something else is done.
 */
export const gentle = Effect.gen(function* () {
  let resumed = yield* Clock.currentTimeMillis
  const pause = Effect.gen(function* () {
    const worked = (yield* Clock.currentTimeMillis) - resumed
    yield* Effect.sleep(Duration.millis(Math.min(Math.max(1, worked), restMax)))
    resumed = yield* Clock.currentTimeMillis
  })
  const pace: Pace = {
    readTogether: 1000,
    foldedTogether: 500,
    readAhead: 0,
    foldedAhead: 0,
    pause,
  }
  return pace
})
