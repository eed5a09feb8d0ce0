import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import { InvalidInput, OnymousError } from "onymous"
import { layer, layerMemory, Onymous } from "onymous/effect"

const unbuffered = { policy: { buffer_enabled: false } }

describe("with Effect", () => {
  it.effect("a question sees what was written before, and nobody runs a projector", () =>
    Effect.gen(function* () {
      const onymous = yield* Onymous
      yield* onymous.identify({ distinctId: "alice", anonymousId: "phone", set: { plan: "pro" } })
      const alice = yield* onymous.person("phone")
      expect(alice?.distinctIds).toEqual(["alice", "phone"])
      expect((yield* onymous.why("alice", "phone")).isSame).toBe(true)
    }).pipe(Effect.provide(layerMemory(unbuffered))),
  )

  it.effect("the clock of the fiber is that of the buffer", () =>
    Effect.gen(function* () {
      const onymous = yield* Onymous
      yield* onymous.capture({ distinctId: "late", event: "e" })
      expect(yield* onymous.person("late")).toBeUndefined()
      expect(yield* onymous.waiting()).toMatchObject([{ distinctId: "late" }])
      yield* TestClock.adjust("62 seconds")
      yield* onymous.capture({ distinctId: "other", event: "e" })
      expect(yield* onymous.person("late")).toMatchObject({ distinctIds: ["late"] })
    }).pipe(Effect.provide(layerMemory())),
  )

  it.effect("a failure has the code of the library, and is caught by its tag", () =>
    Effect.gen(function* () {
      const onymous = yield* Onymous
      const code = yield* onymous.person("a", { at: 99 }).pipe(
        Effect.as("none"),
        Effect.catchTag("OnymousError", (error) => Effect.succeed(error.code)),
      )
      expect(code).toBe("unknown_point")
      const refused = yield* Effect.flip(onymous.capture({ distinctId: "", event: "e" }))
      expect(refused).toBeInstanceOf(InvalidInput)
      expect(OnymousError.is(refused, "invalid_input")).toBe(true)
    }).pipe(Effect.provide(layerMemory(unbuffered))),
  )

  it.effect("another project is another log", () =>
    Effect.gen(function* () {
      const onymous = yield* Onymous
      yield* onymous.project("tenant", unbuffered).capture({ distinctId: "a", event: "e" })
      expect(yield* onymous.person("a")).toBeUndefined()
      expect(yield* onymous.project("tenant").person("a")).toBeDefined()
    }).pipe(Effect.provide(layerMemory(unbuffered))),
  )

  it.effect("a place that is none fails the layer", () =>
    Effect.gen(function* () {
      const failed = yield* Effect.flip(
        Effect.provide(
          Effect.flatMap(Onymous, (onymous) => onymous.status()),
          layer({ database: "mysql://h/d" }),
        ),
      )
      expect(failed).toMatchObject({ code: "invalid_input", field: "database" })
    }),
  )

  it.effect("two layers are two databases, and one layer is one however often it is provided", () =>
    Effect.gen(function* () {
      const [one, two] = [layerMemory(unbuffered), layerMemory(unbuffered)]
      const known = Effect.flatMap(Onymous, (onymous) => onymous.person("a"))
      const captured = Effect.flatMap(Onymous, (onymous) =>
        onymous.capture({ distinctId: "a", event: "e" }),
      )
      class First extends Context.Service<First, Onymous["Service"]>()("First") {}
      const first = Layer.effect(First, Onymous)
      yield* Effect.gen(function* () {
        yield* captured
        expect(yield* (yield* First).person("a")).toBeUndefined()
      }).pipe(Effect.provide(Layer.mergeAll(one, Layer.provide(first, two))))
      yield* Effect.gen(function* () {
        yield* captured
        expect(yield* (yield* First).person("a")).toBeDefined()
        expect(yield* known).toBeDefined()
      }).pipe(Effect.provide(Layer.mergeAll(one, Layer.provide(first, one))))
    }),
  )

  it.effect("a signal ends a call, and nothing is written", () =>
    Effect.gen(function* () {
      const onymous = yield* Onymous
      const signal = AbortSignal.abort()
      const exit = yield* Effect.exit(onymous.capture({ distinctId: "a", event: "e" }, { signal }))
      expect(Exit.hasInterrupts(exit)).toBe(true)
      expect((yield* onymous.status()).head).toBe(1)
    }).pipe(Effect.provide(layerMemory(unbuffered))),
  )
})
