import { expect, it } from "@effect/vitest"
import { Cause, Context, Effect, Exit, Fiber, Layer, Queue, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "../src/Actors.ts"
import { makeFacts, makeGate, observed, setUp } from "./actorSupport.ts"

export const rules = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect("an idle actor closes its scope and is forgotten; a later message starts it anew", () =>
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
      expect(yield* ref.running).toEqual([])
      yield* ref.tell("1", 3)
      expect(yield* next(3)).toEqual([
        ["started", "1"],
        ["received", "1", [3]],
        ["handled", "1"],
      ])
    }).pipe(Effect.provide(layer)),
  )

  it.effect(
    "a message told while an idle actor closes is handled by the next, after the close",
    () =>
      Effect.gen(function* () {
        const [closing, gate] = [yield* makeGate, yield* makeGate]
        const { ref, next } = yield* setUp({ closing: Effect.andThen(closing.open, gate.wait) })
        yield* ref.tell("1", 1)
        yield* next(3)
        yield* TestClock.adjust("1 minute")
        yield* closing.wait
        yield* ref.tell("1", 2)
        yield* gate.open
        expect(yield* next(3)).toEqual([
          ["closed", "1"],
          ["started", "1"],
          ["received", "1", [2]],
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
        const received = ["received", "1", [2]]
        const [first, second] = [yield* Queue.take(facts), yield* Queue.take(facts)]
        if (first[0] !== "closed") return expect(first).toEqual(received)
        // The old actor had closed already: the next one has it.
        expect(second).toEqual(["started", "1"])
        expect(yield* Queue.take(facts)).toEqual(received)
      }).pipe(Effect.provide(layer)),
  )

  it.effect(
    "stop finishes the batch in hand, discards what waits and spares what is told then",
    () =>
      Effect.gen(function* () {
        const gate = yield* makeGate
        const { ref, next } = yield* setUp({ work: () => gate.wait })
        yield* ref.tell("1", 1)
        yield* next(2)
        yield* ref.tell("1", 2)
        const stopping = yield* Effect.forkChild(ref.stop("1"), { startImmediately: true })
        yield* ref.tell("1", 3)
        expect(yield* next(1)).toEqual([["discarded", [2]]])
        yield* gate.open
        yield* Fiber.join(stopping)
        expect(yield* next(5)).toEqual([
          ["handled", "1"],
          ["closed", "1"],
          ["started", "1"],
          ["received", "1", [3]],
          ["handled", "1"],
        ])
        yield* ref.stop("1")
        expect(yield* next(1)).toEqual([["closed", "1"]])
        expect(yield* ref.running).toEqual([])
      }).pipe(Effect.provide(layer)),
  )

  it.effect("stop does not wait for a restart, and discards the batch that failed", () =>
    Effect.gen(function* () {
      const { ref, next } = yield* setUp({ work: () => Effect.fail("down") })
      yield* ref.tell("1", 1)
      yield* next(3)
      yield* ref.stop("1")
      expect(yield* next(1)).toEqual([["discarded", [1]]])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a batch that outlives the stop's time limit is interrupted and discarded", () =>
    Effect.gen(function* () {
      const { ref, facts, next } = yield* setUp({ work: () => Effect.never })
      yield* ref.tell("1", 1)
      yield* next(2)
      const stopping = yield* Effect.forkChild(ref.stop("1"), { startImmediately: true })
      yield* TestClock.adjust("9999 millis")
      expect(yield* Queue.size(facts)).toBe(0)
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(stopping)
      expect(yield* next(2)).toEqual([
        ["closed", "1"],
        ["discarded", [1]],
      ])
    }).pipe(Effect.provide(layer)),
  )

  shutdown(layer)
}

const shutdown = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect("closing the layer ends every actor as stop does; what is told then is discarded", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const actors = Context.get(yield* Layer.buildWithScope(layer, scope), Actors.Actors)
      const [facts, gate] = [yield* makeFacts, yield* makeGate]
      const ref = yield* actors.register(observed(facts, { work: () => gate.wait }))
      for (const key of ["1", "2"]) yield* ref.tell(key, 1)
      yield* Queue.takeN(facts, 4)
      yield* ref.tell("1", 2)
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), {
        startImmediately: true,
      })
      yield* ref.tell("2", 3)
      yield* ref.tell("3", 4)
      expect(yield* Queue.takeN(facts, 3)).toEqual([
        ["discarded", [2]],
        ["discarded", [3]],
        ["discarded", [4]],
      ])
      yield* gate.open
      yield* Fiber.join(closing)
      const ended = (yield* Queue.takeAll(facts)).toSorted().map((fact) => fact.join(" "))
      expect(ended).toEqual(["closed 1", "closed 2", "handled 1", "handled 2"])
      expect(yield* ref.running).toEqual([])
    }),
  )

  it.effect("an actor that follows a stopped one is heard when it dies of an interruption", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const work = ([first]: readonly [number, ...Array<number>]) =>
        first === 1 ? gate.wait : Effect.interrupt
      const { actors, ref, next } = yield* setUp({ work })
      yield* ref.tell("1", 1)
      yield* next(2)
      const stopping = yield* Effect.forkChild(ref.stop("1"), { startImmediately: true })
      yield* ref.tell("1", 2)
      yield* gate.open
      yield* Fiber.join(stopping)
      const exit = yield* Effect.exit(actors.died)
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a defect of the last batch is heard, although nobody waits for it", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const work = () => Effect.andThen(gate.wait, Effect.die("a bug"))
      const { actors, ref, next } = yield* setUp({ work })
      yield* ref.tell("1", 1)
      yield* next(2)
      const stopping = yield* Effect.forkChild(ref.stop("1"), { startImmediately: true })
      yield* gate.open
      yield* Fiber.join(stopping)
      const exit = yield* Effect.exit(actors.died)
      expect(Exit.isFailure(exit) && Cause.hasDies(exit.cause)).toBe(true)
    }).pipe(Effect.provide(layer)),
  )

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
