import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit, Queue, Schedule } from "effect"
import type { Layer } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "../src/Actors.ts"
import { ActorDied } from "../src/Behavior.ts"
import { makeFacts, makeGate, observed, setUp } from "./actorSupport.ts"

/** Work whose first `times` runs fail, over all batches. */
const failing = (times: number) => {
  let left = times
  return () => Effect.suspend(() => (left-- > 0 ? Effect.fail("down") : Effect.void))
}

const defectOf = <A, E>(exit: Exit.Exit<A, E>) =>
  Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit

export const rules = <E>(layer: Layer.Layer<Actors.Actors, E>) => {
  it.effect(
    "a failure closes the scope and restarts by the schedule, the message first again",
    () =>
      Effect.gen(function* () {
        const { ref, facts, next } = yield* setUp({ work: failing(2) })
        yield* ref.tell("1", 1)
        const round = [
          ["started", "1"],
          ["received", "1", 1],
          ["closed", "1"],
        ]
        expect(yield* next(3)).toEqual(round)
        yield* ref.tell("1", 2)
        yield* TestClock.adjust("999 millis")
        expect(yield* Queue.size(facts)).toBe(0)
        yield* TestClock.adjust("1 millis")
        expect(yield* next(3)).toEqual(round)
        yield* TestClock.adjust("1 second")
        expect((yield* next(5)).slice(1)).toEqual([
          ["received", "1", 1],
          ["handled", "1"],
          ["received", "1", 2],
          ["handled", "1"],
        ])
      }).pipe(Effect.provide(layer)),
  )

  it.effect("a start that fails is tried again, and what was told waits", () =>
    Effect.gen(function* () {
      const facts = yield* makeFacts
      const behavior = observed<string>(facts)
      const starting = failing(1)
      const start = (key: string) => Effect.andThen(starting(), behavior.start(key))
      const ref = yield* (yield* Actors.Actors).register({ ...behavior, start })
      yield* ref.tell("1", 1)
      yield* TestClock.adjust("999 millis")
      expect(yield* Queue.size(facts)).toBe(0)
      yield* TestClock.adjust("1 millis")
      expect((yield* Queue.takeN(facts, 2))[1]).toEqual(["received", "1", 1])
    }).pipe(Effect.provide(layer)),
  )

  it.effect(
    "the schedule begins anew after a message that succeeds; exhausted, it is a death",
    () =>
      Effect.gen(function* () {
        let failures = 0
        const work = (message: number) =>
          Effect.suspend(() =>
            failures++ % 2 === 0 || message === 9 ? Effect.fail("down") : Effect.void,
          )
        const restart = Schedule.upTo(Schedule.spaced("1 second"), { times: 1 })
        const { actors, ref, next } = yield* setUp({ work, restart })
        for (const message of [1, 2, 3]) {
          yield* ref.tell("1", message)
          yield* TestClock.adjust("1 second")
        }
        const handled = (yield* next(16)).filter(([what]) => what === "handled")
        expect(handled).toHaveLength(3)
        yield* ref.tell("1", 9)
        yield* TestClock.adjust("1 second")
        const death = defectOf(yield* Effect.exit(actors.firstDeath))
        expect(death).toEqual(new ActorDied({ kind: "test", key: "1", cause: "down" }))
      }).pipe(Effect.provide(layer)),
  )

  it.effect("a defect is heard, ends what waits, and makes every tell die", () =>
    Effect.gen(function* () {
      const gate = yield* makeGate
      const bug = new Error("a bug")
      const work = (_: unknown, key: string) =>
        key === "1" ? Effect.andThen(gate.wait, Effect.die(bug)) : Effect.void
      const { actors, ref, next } = yield* setUp({ work })
      yield* ref.tell("1", 1)
      yield* next(2)
      yield* ref.tell("1", 2)
      yield* gate.open
      const death = new ActorDied({ kind: "test", key: "1", cause: bug })
      expect(defectOf(yield* Effect.exit(actors.firstDeath))).toEqual(death)
      expect(yield* next(1)).toEqual([["closed", "1"]])
      expect(defectOf(yield* Effect.exit(ref.tell("1", 3)))).toEqual(death)
      yield* ref.tell("2", 1)
      expect(yield* next(3)).toEqual([
        ["started", "2"],
        ["received", "2", 1],
        ["handled", "2"],
      ])
    }).pipe(Effect.provide(layer)),
  )

  const bug = Effect.die("a bug")
  const both = Cause.combine(Cause.fail("down"), Cause.die("a bug"))

  it.effect("a start that dies is heard", () =>
    deathOf({ start: () => bug }).pipe(Effect.provide(layer)),
  )

  it.effect("a finalizer that dies after a typed failure is heard", () =>
    deathOf({ work: () => Effect.fail("down"), closing: bug }).pipe(Effect.provide(layer)),
  )

  it.effect("a defect beside a typed failure is heard, not restarted away", () =>
    deathOf({ work: () => Effect.failCause(both) }).pipe(Effect.provide(layer)),
  )

  it.effect("an actor that interrupts itself is heard", () =>
    deathOf({ work: () => Effect.interrupt }).pipe(Effect.provide(layer)),
  )
}

const deathOf = Effect.fnUntraced(function* <E>(options: Parameters<typeof setUp<E>>[0]) {
  const { actors, ref } = yield* setUp(options)
  yield* ref.tell("1", 1)
  expect(defectOf(yield* Effect.exit(actors.firstDeath))).toBeInstanceOf(ActorDied)
})
