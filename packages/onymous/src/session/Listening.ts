import { Effect } from "effect"

/** What a listener threw: it ends the call, and reaches the caller as it is. */
export class ListenerError {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** Runs an effect that tells a listener how far it is; it dies with what the listener throws. */
export const heardBy = <A, B, E>(
  listener: ((told: A) => void) | undefined,
  use: (tell: (told: A) => void) => Effect.Effect<B, E>,
): Effect.Effect<B, E> =>
  Effect.suspend(() => {
    let thrown: ListenerError | undefined
    const tell = (told: A) => {
      try {
        listener?.(told)
      } catch (error) {
        thrown ??= new ListenerError(error)
        throw error
      }
    }
    return Effect.catchCause(use(tell), (cause) =>
      thrown === undefined ? Effect.failCause(cause) : Effect.die(thrown),
    )
  })
