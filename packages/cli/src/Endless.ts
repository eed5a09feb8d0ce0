import { Effect } from "effect"

/** Turns the end of an endless command by Ctrl-C or SIGTERM into a success. */
export const endless = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.onInterrupt(effect, () =>
    Effect.sync(() => {
      process.exitCode = 0
    }),
  )

/** True while an endless command runs, so that its interruption is a success. */
export const isEndless = (): boolean => process.exitCode === 0
