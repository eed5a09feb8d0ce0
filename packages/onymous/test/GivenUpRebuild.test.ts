import { expect, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { layerSql, Onymous } from "onymous/effect"

const policy = { buffer_enabled: false }
const database = "memory"

const identified = Effect.gen(function* () {
  const onymous = yield* Onymous
  yield* onymous.identify({ distinctId: "ann", anonymousId: "phone" })
  yield* onymous.person("ann")
  return onymous
})

it.effect(
  "a rebuild whose limit falls after it has taken its place answers with what it came to",
  () =>
    Effect.gen(function* () {
      const onymous = yield* identified
      const published = yield* Deferred.make<void>()
      const rebuilding = onymous.rebuild({
        timeout: 1000,
        onProgress: ({ outcome }) => {
          if (outcome !== undefined) Deferred.doneUnsafe(published, Effect.void)
        },
      })
      const fiber = yield* Effect.forkChild(rebuilding)
      yield* Deferred.await(published)
      // Meanwhile the rebuild frees the replaced edition.
      yield* TestClock.adjust("2 seconds")
      expect(yield* Fiber.join(fiber)).toMatchObject({ position: 2, isPublished: true })
    }).pipe(Effect.provide(layerSql({ database, policy }))),
)

it.effect("a rebuild whose limit falls before that rejects, and what was live stays", () =>
  Effect.gen(function* () {
    const onymous = yield* identified
    const compared = yield* Deferred.make<void>()
    const rebuilding = onymous.rebuild({
      timeout: 1000,
      onProgress: ({ phase }) => {
        if (phase === "comparing") Deferred.doneUnsafe(compared, Effect.void)
      },
    })
    const fiber = yield* Effect.forkChild(Effect.result(rebuilding))
    yield* Deferred.await(compared)
    yield* TestClock.adjust("2 seconds")
    expect(yield* Fiber.join(fiber)).toMatchObject({
      failure: { code: "timeout", isRecorded: false },
    })
    expect((yield* onymous.person("phone"))?.distinctIds).toEqual(["ann", "phone"])
    expect(yield* onymous.rebuild()).toMatchObject({ comparison: { isSame: true } })
  }).pipe(Effect.provide(layerSql({ database, policy }))),
)
