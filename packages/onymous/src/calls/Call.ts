import { Duration, Effect } from "effect"
import { errorOf } from "../errors/ErrorOf.ts"
import { OnymousError } from "../errors/OnymousError.ts"
import { type CallOptions, check } from "../inputs/CallOptions.ts"

/** A call fails with an `OnymousError`, whose `code` says why. */
export type Call<A> = Effect.Effect<A, OnymousError>

/** What a call that took too long fails with: to go on waiting may help. */
const timedOut = (milliseconds: number) =>
  new OnymousError({
    code: "timeout",
    message: `It was not done within ${milliseconds} ms.`,
    isRetryable: true,
  })

/** Interrupts an effect when a signal aborts; a signal that is none is refused by the check of the call's input. */
const until = <A, E>(signal: AbortSignal | undefined, effect: Effect.Effect<A, E>) => {
  if (!(signal instanceof AbortSignal)) return effect
  return signal.aborted ? Effect.interrupt : Effect.raceFirst(effect, aborted(signal))
}

const aborted = (signal: AbortSignal) =>
  Effect.callback<never>((resume) => {
    const abort = () => resume(Effect.interrupt)
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })

/** Runs a call: whatever its input, the log or the persons fail with becomes an `OnymousError`. */
export const call = <A, E>(
  options: CallOptions | undefined,
  make: () => Effect.Effect<A, E>,
): Call<A> =>
  Effect.suspend(() => {
    const made = Effect.flatten(Effect.try({ try: make, catch: errorOf }))
    const { timeout } = options ?? {}
    // A limit that is none is refused by the check of the call's input.
    const limited =
      typeof timeout !== "number"
        ? made
        : Effect.timeoutOrElse(made, {
            duration: Duration.millis(timeout),
            orElse: () => Effect.fail(timedOut(timeout)),
          })
    return Effect.mapError(until(options?.signal, limited), errorOf)
  })

/** A failed write says whether its events can be in the log all the same. */
export const write = <A, E>(
  options: CallOptions | undefined,
  make: () => Effect.Effect<A, E>,
): Call<A> =>
  call(options, make).pipe(
    Effect.catchDefect((defect) => Effect.fail(errorOf(defect))),
    Effect.mapError((error) => error.ofWrite()),
  )

/** A write that takes no other options than any call. */
export const act = <A, E>(options: CallOptions | undefined, make: () => Effect.Effect<A, E>) =>
  write(options, () => {
    check(options ?? {})
    return make()
  })
