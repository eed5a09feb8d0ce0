import { Deferred, Effect, Queue, Schedule } from "effect"
import * as Actors from "../src/Actors.ts"
import * as Behavior from "../src/Behavior.ts"

/** What an actor did, in order, to be taken one by one: a test waits for a fact and never for time. */
export type Fact =
  | readonly ["started", string]
  | readonly ["received", string, number]
  | readonly ["handled", string]
  | readonly ["closed", string]

/** A behaviour that notes each step as a fact; `work` runs while it handles a message. */
export const observed = <E = never>(
  facts: Queue.Queue<Fact>,
  options: Partial<Behavior.Behavior<number, E>> & {
    readonly work?: (message: number, key: string) => Effect.Effect<void, E>
    readonly closing?: Effect.Effect<void>
  } = {},
): Behavior.Behavior<number, E> => {
  const { work = () => Effect.void, closing = Effect.void, ...overrides } = options
  const note = (fact: Fact) => Queue.offer(facts, fact)
  return {
    kind: "test",
    mailboxCapacity: 8,
    maxIdleTime: "1 minute",
    restart: Schedule.spaced("1 second"),
    start: Effect.fnUntraced(function* (key: string) {
      yield* note(["started", key])
      yield* Effect.addFinalizer(() => Effect.andThen(closing, note(["closed", key])))
      return Effect.fnUntraced(function* (message: number) {
        yield* note(["received", key, message])
        yield* work(message, key)
        yield* note(["handled", key])
      })
    }),
    ...overrides,
  }
}

export const makeFacts = Queue.unbounded<Fact>()

/** Registers an observed behaviour; gives its ref and the facts. */
export const setUp = Effect.fnUntraced(function* <E = never>(
  options: Parameters<typeof observed<E>>[1] = {},
) {
  const facts = yield* makeFacts
  const actors = yield* Actors.Actors
  const ref = yield* actors.register(observed(facts, options))
  return { actors, ref, facts, next: (count: number) => Queue.takeN(facts, count) }
})

/** A piece of work that begins at once and ends when the test says so. */
export const makeGate = Effect.map(Deferred.make<void>(), (gate) => ({
  wait: Deferred.await(gate),
  open: Deferred.succeed(gate, undefined),
}))
