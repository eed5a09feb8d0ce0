import { expect, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Fiber, Layer, Queue, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "../src/Actors.ts"
import { makeFacts, makeGate, observed, setUp } from "./actorSupport.ts"

export const rules = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  passivation(layer)
  closing(layer)

  it.effect("a kind has one behaviour at a time", () =>
    Effect.gen(function* () {
      const facts = yield* makeFacts
      const actors = yield* Actors.Actors
      yield* Effect.scoped(
        Effect.gen(function* () {
          const ref = yield* actors.register(observed(facts))
          const exit = yield* Effect.exit(actors.register(observed(facts)))
          expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
          yield* ref.tell("1", 1)
          yield* Queue.takeN(facts, 3)
        }),
      )
      expect(yield* Queue.take(facts)).toEqual(["closed", "1"])
      yield* actors.register(observed(facts))
    }).pipe(Effect.provide(layer)),
  )
}

const passivation = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect("an idle actor closes its scope; a later message starts it anew", () =>
    Effect.gen(function* () {
      const { ref, facts, next } = yield* setUp()
      yield* ref.tell("1", 1)
      yield* next(3)
      yield* TestClock.adjust("59 seconds")
      yield* ref.tell("1", 2)
      yield* next(2)
      yield* TestClock.adjust("59 seconds")
      expect(yield* Queue.size(facts)).toBe(0)
      yield* TestClock.adjust("1 second")
      expect(yield* next(1)).toEqual([["closed", "1"]])
      yield* ref.tell("1", 3)
      expect(yield* next(3)).toEqual([
        ["started", "1"],
        ["received", "1", 3],
        ["handled", "1"],
      ])
    }).pipe(Effect.provide(layer)),
  )

  it.effect(
    "a message told while an idle actor closes is handled by the next, after the close",
    () =>
      Effect.gen(function* () {
        const [isClosing, gate] = [yield* makeGate, yield* makeGate]
        const { ref, next } = yield* setUp({ closing: Effect.andThen(isClosing.open, gate.wait) })
        yield* ref.tell("1", 1)
        yield* next(3)
        yield* TestClock.adjust("1 minute")
        yield* isClosing.wait
        yield* ref.tell("1", 2)
        yield* gate.open
        expect(yield* next(3)).toEqual([
          ["closed", "1"],
          ["started", "1"],
          ["received", "1", 2],
        ])
      }).pipe(Effect.provide(layer)),
  )

  it.effect.each([true, false])(
    "a message told in the moment of the timeout is handled (timeout first: %s)",
    (startImmediately) =>
      Effect.gen(function* () {
        const { ref, facts, next } = yield* setUp()
        yield* ref.tell("1", 1)
        yield* next(3)
        const idle = yield* Effect.forkChild(TestClock.adjust("1 minute"), { startImmediately })
        yield* ref.tell("1", 2)
        yield* Fiber.join(idle)
        const received = ["received", "1", 2]
        const [first, second] = [yield* Queue.take(facts), yield* Queue.take(facts)]
        if (first[0] !== "closed") return expect(first).toEqual(received)
        // The old actor had closed already: the next actor handles the message.
        expect(second).toEqual(["started", "1"])
        expect(yield* Queue.take(facts)).toEqual(received)
      }).pipe(Effect.provide(layer)),
  )
}

/** Observed actors whose layer, or kind alone, the test closes. */
const setUpToClose = Effect.fnUntraced(function* <E, E2 = never>(
  layer: Layer.Layer<Actors.Actors, E>,
  options: Parameters<typeof observed<E2>>[1],
  closed: "layer" | "kind" = "layer",
) {
  const [scope, kindScope] = [yield* Scope.make(), yield* Scope.make()]
  const actors = Context.get(yield* Layer.buildWithScope(layer, scope), Actors.Actors)
  const facts = yield* makeFacts
  const ref = yield* Scope.provide(actors.register(observed(facts, options)), kindScope)
  const end = Scope.close(closed === "layer" ? scope : kindScope, Exit.void)
  const close = Effect.forkChild(end, { startImmediately: true })
  return { actors, ref, facts, close, next: (count: number) => Queue.takeN(facts, count) }
})

const closing = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect.each(["layer", "kind"] as const)(
    "when a %s closes, its actors finish what they have in hand, and nothing else",
    (closed) =>
      Effect.gen(function* () {
        const gate = yield* makeGate
        const options = { work: () => gate.wait }
        const { ref, facts, close, next } = yield* setUpToClose(layer, options, closed)
        for (const key of ["1", "2"]) yield* ref.tell(key, 1)
        yield* next(4)
        yield* ref.tell("1", 2)
        const end = yield* close
        yield* ref.tell("2", 3)
        yield* ref.tell("3", 4)
        yield* gate.open
        yield* Fiber.join(end)
        yield* TestClock.adjust("1 second")
        const ended = (yield* Queue.takeAll(facts)).toSorted().map((fact) => fact.join(" "))
        expect(ended).toEqual(["closed 1", "closed 2", "handled 1", "handled 2"])
      }),
  )

  it.effect("a closing layer does not wait for a restart", () =>
    Effect.gen(function* () {
      const work = () => Effect.fail("down")
      const { ref, facts, close, next } = yield* setUpToClose(layer, { work })
      yield* ref.tell("1", 1)
      yield* next(3)
      yield* Fiber.join(yield* close)
      expect(yield* Queue.size(facts)).toBe(0)
    }),
  )

  it.effect("a message that outlives the time limit of a close is interrupted", () =>
    Effect.gen(function* () {
      const { ref, facts, close, next } = yield* setUpToClose(layer, { work: () => Effect.never })
      yield* ref.tell("1", 1)
      yield* next(2)
      const end = yield* close
      yield* TestClock.adjust("9999 millis")
      expect(yield* Queue.size(facts)).toBe(0)
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(end)
      expect(yield* next(1)).toEqual([["closed", "1"]])
    }),
  )

  it.effect("a defect of the last message is heard, although nobody waits for it", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const work = () => Effect.andThen(gate.wait, Effect.die("a bug"))
      const { actors, ref, close, next } = yield* setUpToClose(layer, { work })
      yield* ref.tell("1", 1)
      yield* next(2)
      const end = yield* close
      yield* gate.open
      yield* Fiber.join(end)
      const exit = yield* Effect.exit(actors.firstDeath)
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    }),
  )
}
