import { Cause, Console, Effect, Predicate, Schedule } from "effect"
import { HttpClientError } from "effect/http"
import { codeOf, CouldNot, messageOf } from "./CommandError.ts"

/** The codes of failures after which the same call may succeed later. */
const codes = ["unavailable", "overloaded", "log_busy"]

/** True for an error of a service, of a server, or of the way to it, after which the same call may succeed later. */
const isLost = (error: unknown): boolean => {
  if (Predicate.hasProperty(error, "isRetryable")) return error.isRetryable === true
  if (HttpClientError.isHttpClientError(error)) {
    // Whatever answers in the place of the server, a proxy for instance, would answer the same again.
    const status = error.response?.status
    return error.reason._tag === "TransportError" || (status !== undefined && status >= 500)
  }
  return (
    Predicate.isTagged(error, "Unavailable") &&
    Predicate.hasProperty(error, "code") &&
    codes.some((code) => code === error.code)
  )
}

/** The tries after the first one, with pauses of 0.5 s, 1 s, 2 s, … 16 s: some 30 s in all. */
const tries = { schedule: Schedule.exponential("500 millis"), times: 6 }

/** Tries again for some 30 s where a connection is lost. The effect has to be one that may run twice. */
export const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    let isTold = false
    const tell = (error: E) => {
      if (isTold || !isLost(error)) return Effect.void
      isTold = true
      return Console.error(`${messageOf(Cause.fail(error))}: trying again for 30 s.`)
    }
    return effect.pipe(Effect.tapError(tell), Effect.retry({ ...tries, while: isLost }))
  })

/** Adds to the failure of a lost connection what is done already, where the sentence says so. */
export const explained = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  sentence: () => string | undefined,
): Effect.Effect<A, E | CouldNot, R> =>
  Effect.catch(effect, (error) =>
    Effect.gen(function* () {
      const cause = Cause.fail(error)
      const [code, said] = [yield* codeOf(cause), sentence()]
      if (said === undefined || !codes.includes(code)) return yield* Effect.fail(error)
      const message = `${messageOf(cause).replace(/\.$/, "")}. ${said}`
      return yield* new CouldNot({ message, code })
    }),
  )
