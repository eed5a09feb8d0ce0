import { Effect } from "effect"

/** Ends when it is told to, by Ctrl-C or SIGTERM: that is how it is done, and no failure. */
export const endless = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.onInterrupt(effect, () =>
    Effect.sync(() => {
      process.exitCode = 0
    }),
  )

/** Whether what was interrupted was to go on until then. */
export const isEndless = (): boolean => process.exitCode === 0
