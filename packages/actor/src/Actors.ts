import { Context, Deferred, Effect, FiberSet, Layer, type Scope } from "effect"
import * as ActorKind from "./ActorKind.ts"
import type { Behavior, ActorRef } from "./Behavior.ts"

/** Gives every address one owner: at most one actor runs for a kind and key. */
export class Actors extends Context.Service<
  Actors,
  {
    /**
     * Opens a kind until the scope closes; then its actors finish, within `stopTimeLimit`, the message
     * they have in hand, and no other. Dies when the kind is open already, because two behaviours would
     * own the same addresses.
     */
    readonly register: <Message, E, R>(
      behavior: Behavior<Message, E, R>,
    ) => Effect.Effect<ActorRef<Message>, never, R | Scope.Scope>
    /**
     * Never succeeds; dies with the first `ActorDied`. To be run beside `Layer.launch`, because a
     * fiber that is forked inside a layer dies without a sound, and the process would go on answering.
     */
    readonly died: Effect.Effect<never>
  }
>()("@onymous/actor/Actors") {}

const make = Effect.gen(function* () {
  // The set closes after the kinds, because it opens before their finalizer is added: actors end
  // gracefully, and the set only guarantees that no fiber is left.
  const fibers = yield* FiberSet.make<void>()
  const died = yield* Deferred.make<never>()
  const kinds = new Map<string, Effect.Effect<void>>()
  yield* Effect.addFinalizer(() =>
    Effect.forEach([...kinds.values()], (close) => close, {
      concurrency: "unbounded",
      discard: true,
    }),
  )

  const register = Effect.fnUntraced(function* <Message, E, R>(behavior: Behavior<Message, E, R>) {
    const name = behavior.kind
    if (kinds.has(name)) {
      return yield* Effect.die(new Error(`The actor kind "${name}" is registered already`))
    }
    const context = yield* Effect.context<R>()
    const fork = yield* FiberSet.runtime(fibers)()
    const kind = ActorKind.make({ behavior, context, fork, died })
    const close = Effect.ensuring(
      ActorKind.close(kind),
      Effect.sync(() => kinds.delete(name)),
    )
    kinds.set(name, close)
    yield* Effect.addFinalizer(() => close)
    return ActorKind.ref(kind)
  })

  return Actors.of({ register, died: Deferred.await(died) })
})

/** In this process: actors are fibers, and finish the message in hand when the layer closes. */
export const layer: Layer.Layer<Actors> = Layer.effect(Actors, make)
