import { Context, Deferred, Effect, FiberSet, Layer, type Scope } from "effect"
import * as ActorKind from "./ActorKind.ts"
import type { Behavior, ActorRef } from "./Behavior.ts"

/** Runs at most one actor for a kind and key. */
export class Actors extends Context.Service<
  Actors,
  {
    /**
     * Opens a kind until the scope closes. Its actors then finish the message in hand, within
     * `stopTimeLimit`, and handle no other. Dies where the kind is already open, because two
     * behaviours would own the same addresses.
     */
    readonly register: <Message, E, R>(
      behavior: Behavior<Message, E, R>,
    ) => Effect.Effect<ActorRef<Message>, never, R | Scope.Scope>
    /**
     * Never succeeds; dies with the first `ActorDied`. Run it beside `Layer.launch`: a fiber that a
     * layer forks dies silently, and the process would go on without it.
     */
    readonly firstDeath: Effect.Effect<never>
  }
>()("@onymous/actor/Actors") {}

const make = Effect.gen(function* () {
  // Finalizers run in reverse order, so the kinds close their actors before this set interrupts
  // any fiber that is left.
  const fibers = yield* FiberSet.make<void>()
  const firstDeath = yield* Deferred.make<never>()
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
    const kind = ActorKind.make({ behavior, context, fork, firstDeath })
    const close = Effect.ensuring(
      ActorKind.close(kind),
      Effect.sync(() => kinds.delete(name)),
    )
    kinds.set(name, close)
    yield* Effect.addFinalizer(() => close)
    return ActorKind.ref(kind)
  })

  return Actors.of({ register, firstDeath: Deferred.await(firstDeath) })
})

/** Runs actors as fibers of this process; they finish the message in hand when the layer closes. */
export const layer: Layer.Layer<Actors> = Layer.effect(Actors, make)
