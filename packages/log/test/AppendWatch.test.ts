import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { SqlError } from "effect/sql"
import { UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import * as AppendWatch from "../src/sql/AppendWatch.ts"

const failure = (code: string) => {
  const cause = Object.assign(new Error("the database's words"), { code })
  return new SqlError.SqlError({ reason: new UnknownError({ cause }) })
}

const isKnown = Effect.fnUntraced(function* (room: ReturnType<typeof AppendWatch.make>) {
  return Exit.isFailure(yield* Effect.exit(room.check))
})

it.effect("a full disk is known for ten seconds, and without an append no longer", () =>
  Effect.gen(function* () {
    const room = AppendWatch.make()
    expect(yield* isKnown(room)).toBe(false)
    yield* Effect.exit(room.watch(Effect.fail(failure("53100"))))
    yield* TestClock.adjust("10 seconds")
    expect(yield* isKnown(room)).toBe(true)
    yield* TestClock.adjust("1 millis")
    expect(yield* isKnown(room)).toBe(false)
  }),
)

it.effect("an append for which there is room ends it at once; other failures tell nothing", () =>
  Effect.gen(function* () {
    const room = AppendWatch.make()
    yield* Effect.exit(room.watch(Effect.fail(failure("53100"))))
    yield* Effect.exit(room.watch(Effect.fail(failure("57014"))))
    expect(yield* isKnown(room)).toBe(true)
    yield* room.watch(Effect.void)
    yield* Effect.exit(room.watch(Effect.fail(failure("57014"))))
    expect(yield* isKnown(room)).toBe(false)
  }),
)

it.effect("an append that has no answer for five seconds is known until it has one", () =>
  Effect.gen(function* () {
    const appends = AppendWatch.make()
    const slow = yield* Effect.forkChild(appends.watch(Effect.sleep("8 seconds")))
    yield* TestClock.adjust("4 seconds")
    yield* appends.check
    yield* TestClock.adjust("1 second")
    expect((yield* Effect.flip(appends.check)).message).toContain("no answer for 5 s")
    // Those of other projects go on.
    yield* appends.watch(Effect.void)
    yield* appends.check
    yield* TestClock.adjust("3 seconds")
    yield* Fiber.join(slow)
    yield* appends.check
  }),
)
