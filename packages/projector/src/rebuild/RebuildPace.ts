import { Clock, Duration, Effect } from "effect"

/** How much a rebuild does at once: whatever else this process does waits for it. */
export interface Pace {
  /** How many events a page has that is read: the driver decodes its columns in one go. */
  readonly readTogether: number
  /** How many events are folded in one go. */
  readonly foldedTogether: number
  /** How many pages are read ahead of the fold, so that neither waits for the other. */
  readonly readAhead: number
  /** How many pages the fold is ahead of the writer. */
  readonly foldedAhead: number
  /** The rest between two steps. */
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

/** The longest rest, in milliseconds: a step that takes longer, like making an index, is the database's work. */
const restMax = 1000

/**
 * For a process that answers others meanwhile: it reads, folds or writes, one at a time, and then rests for as
 * long as that took. Only the indexes at the end are made while rows are written.
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
