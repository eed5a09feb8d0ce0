import { expect, it } from "@effect/vitest"
import { Context, Effect, Fiber, Queue } from "effect"
import type { Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "../src/Actors.ts"
import { MailboxFull } from "../src/Behavior.ts"
import { makeFacts, makeGate, observed, setUp } from "./actorSupport.ts"

const Caller = Context.Reference<string>("@onymous/actor/test/Caller", {
  defaultValue: () => "nobody",
})

export const rules = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect("a key's messages never overlap, and come in the order they were told", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { ref, facts, next } = yield* setUp({ work: () => gate.wait })
      yield* ref.tell("1", 1)
      expect(yield* next(2)).toEqual([
        ["started", "1"],
        ["received", "1", 1],
      ])
      for (const message of [3, 2]) yield* ref.tell("1", message)
      yield* Effect.yieldNow
      expect(yield* Queue.size(facts)).toBe(0)
      yield* gate.open
      expect(yield* next(5)).toEqual([
        ["handled", "1"],
        ["received", "1", 3],
        ["handled", "1"],
        ["received", "1", 2],
        ["handled", "1"],
      ])
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
        ["received", "1", 1],
        ["received", "2", 2],
      ])
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
      yield* ref.tell("1", 3)
      yield* ref.tell("2", 1)
      yield* gate.open
      const received = (yield* next(8)).filter(([what, key]) => what === "received" && key === "1")
      expect(received).toEqual([
        ["received", "1", 2],
        ["received", "1", 3],
      ])
      yield* ref.tell("1", 4)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("a message that waits is not queued twice, but once more while it is handled", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const { ref, facts, next } = yield* setUp({ work: () => gate.wait })
      yield* Effect.forEach([1, 1, 1], (message) => ref.tell("1", message))
      expect((yield* next(2))[1]).toEqual(["received", "1", 1])
      yield* Effect.forEach([1, 1, 1], (message) => ref.tell("1", message))
      yield* gate.open
      expect((yield* next(3))[1]).toEqual(["received", "1", 1])
      yield* Effect.yieldNow
      expect(yield* Queue.size(facts)).toBe(0)
    }).pipe(Effect.provide(layer)),
  )

  it.effect("equal messages of one step are one, be the actor new or waiting", () =>
    Effect.gen(function* () {
      const { ref, facts, next } = yield* setUp()
      for (const count of [3, 2]) {
        yield* Effect.forEach([1, 1, 1], (message) => ref.tell("1", message))
        yield* next(count)
        yield* TestClock.adjust("1 second")
        expect(yield* Queue.size(facts)).toBe(0)
      }
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
