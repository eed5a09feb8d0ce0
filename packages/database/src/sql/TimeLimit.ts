import { Duration, Effect, type Exit, Fiber } from "effect"

/**
 * The exit of a fiber, or undefined where it goes on beyond a limit; an interruption is passed on to it. It has a timer
 * and no fiber of its own, because every statement waits like this.
 */
const endWithin = <A, E>(fiber: Fiber.Fiber<A, E>, limit: Duration.Duration) =>
  Effect.callback<Exit.Exit<A, E> | undefined>((resume) => {
    const timer = setTimeout(() => resume(Effect.undefined), Duration.toMillis(limit))
    const forget = fiber.addObserver((exit) => {
      clearTimeout(timer)
      resume(Effect.succeed(exit))
    })
    return Effect.suspend(() => {
      clearTimeout(timer)
      forget()
      return Fiber.interrupt(fiber)
    })
  })

/**
 * Interrupts an effect that takes longer than a limit, even inside an uninterruptible region such as a commit. It
 * does not wait for the interrupted effect, because ending a statement on a silent connection takes seconds more.
 */
export const end = Effect.fnUntraced(function* <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  limit: Duration.Duration,
  orElse: () => Effect.Effect<never, E2>,
) {
  const fiber = yield* Effect.forkDetach(Effect.interruptible(effect), { startImmediately: true })
  const exit = fiber.pollUnsafe() ?? (yield* Effect.interruptible(endWithin(fiber, limit)))
  if (exit !== undefined) return yield* exit
  fiber.interruptUnsafe()
  return yield* orElse()
})
