import { expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Queue } from "effect"
import type { Layer } from "effect"
import { TestClock } from "effect/testing"
import { MailboxFull } from "../src/ActorError.ts"
import * as Actors from "../src/Actors.ts"
import { makeFacts, makeGate, observed, setUp } from "./actorSupport.ts"

const Caller = Context.Reference<string>("@onymous/actor/test/Caller", {
  defaultValue: () => "nobody",
})

export const rules = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect("a key's batches never overlap, and gather in order what was told meanwhile", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { ref, facts, next } = yield* setUp({ work: () => gate.wait })
      yield* ref.tell("1", 1)
      expect(yield* next(2)).toEqual([
        ["started", "1"],
        ["received", "1", [1]],
      ])
      for (const message of [2, 3, 4]) yield* ref.tell("1", message)
      yield* Effect.yieldNow
      expect(yield* Queue.size(facts)).toBe(0)
      yield* gate.open
      expect(yield* next(3)).toEqual([
        ["handled", "1"],
        ["received", "1", [2, 3, 4]],
        ["handled", "1"],
      ])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a batch gathers what is told in one step, be the actor new or waiting", () =>
    Effect.gen(function* () {
      const { ref, next } = yield* setUp()
      yield* Effect.forEach([1, 2, 3], (message) => ref.tell("1", message))
      expect((yield* next(3))[1]).toEqual(["received", "1", [1, 2, 3]])
      yield* TestClock.adjust("1 second")
      yield* Effect.forEach([4, 5, 6], (message) => ref.tell("1", message))
      expect((yield* next(2))[0]).toEqual(["received", "1", [4, 5, 6]])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a batch is no heavier than the behaviour says", () =>
    Effect.gen(function* () {
      const options = { weight: (n: number) => n, mailboxCapacity: 100, batchWeightMax: 5 }
      const { ref, next } = yield* setUp(options)
      yield* Effect.forEach([2, 3, 4, 9, 1], (message) => ref.tell("1", message))
      const received = (yield* next(9)).filter(([what]) => what === "received")
      expect(received.map(([, , messages]) => messages)).toEqual([[2, 3], [4], [9], [1]])
    }).pipe(Effect.provide(layer)),
  )

  it.effect("different keys work at the same time", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { ref, next } = yield* setUp({ work: () => gate.wait })
      yield* ref.tell("1", 1)
      yield* ref.tell("2", 2)
      const received = (yield* next(4)).filter(([what]) => what === "received")
      expect(received).toEqual([
        ["received", "1", [1]],
        ["received", "2", [2]],
      ])
      expect(yield* ref.running).toEqual(["1", "2"])
      yield* gate.open
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a full mailbox refuses, and loses nothing it has", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { ref, next } = yield* setUp({ mailboxCapacity: 2, work: () => gate.wait })
      yield* ref.tell("1", 1)
      yield* next(2)
      yield* ref.tell("1", 2)
      yield* ref.tell("1", 3)
      const error = yield* Effect.flip(ref.tell("1", 4))
      expect(error).toEqual(new MailboxFull({ kind: "test", key: "1", capacity: 2 }))
      yield* ref.tell("2", 1)
      yield* gate.open
      const received = (yield* next(6)).filter(([what, key]) => what === "received" && key === "1")
      expect(received).toEqual([["received", "1", [2, 3]]])
      yield* ref.tell("1", 4)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a coalescing kind keeps one wake-up waiting, also while a batch is in hand", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const options = { mailboxCapacity: 1, coalesce: true, work: () => gate.wait }
      const { ref, next } = yield* setUp(options)
      yield* Effect.forEach([1, 1, 1], (message) => ref.tell("1", message))
      expect((yield* next(2))[1]).toEqual(["received", "1", [1]])
      yield* Effect.forEach([1, 1, 1], (message) => ref.tell("1", message))
      yield* gate.open
      expect((yield* next(3))[1]).toEqual(["received", "1", [1]])
    }).pipe(Effect.provide(layer)),
  )

  it.effect(
    "an actor belongs to who registered it: who tells lends it neither context nor life",
    () =>
      Effect.gen(function* () {
        const facts = yield* makeFacts
        const callers = yield* Queue.unbounded<string>()
        const work = () =>
          Effect.asVoid(Effect.flatMap(Caller, (caller) => Queue.offer(callers, caller)))
        const actors = yield* Actors.Actors
        const ref = yield* actors.register(observed(facts, { work }))
        const teller = yield* Effect.forkChild(
          Effect.provideService(
            Effect.andThen(ref.tell("1", 1), Effect.never),
            Caller,
            "a request",
          ),
          { startImmediately: true },
        )
        yield* Fiber.interrupt(teller)
        expect(yield* Queue.take(callers)).toBe("nobody")
      }).pipe(Effect.provide(layer)),
  )
}
