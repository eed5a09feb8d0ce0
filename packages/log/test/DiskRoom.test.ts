import { expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { SqlError } from "effect/sql"
import { UnknownError } from "effect/sql/SqlError"
import { TestClock } from "effect/testing"
import * as DiskRoom from "../src/sql/DiskRoom.ts"

const failure = (code: string) => {
  const cause = Object.assign(new Error("the database's words"), { code })
  return new SqlError.SqlError({ reason: new UnknownError({ cause }) })
}

const isKnown = Effect.fnUntraced(function* (room: ReturnType<typeof DiskRoom.make>) {
  return Exit.isFailure(yield* Effect.exit(room.check))
})

it.effect("a full disk is known for ten seconds, and without an append no longer", () =>
  Effect.gen(function* () {
    const room = DiskRoom.make()
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
    const room = DiskRoom.make()
    yield* Effect.exit(room.watch(Effect.fail(failure("53100"))))
    yield* Effect.exit(room.watch(Effect.fail(failure("57014"))))
    expect(yield* isKnown(room)).toBe(true)
    yield* room.watch(Effect.void)
    yield* Effect.exit(room.watch(Effect.fail(failure("57014"))))
    expect(yield* isKnown(room)).toBe(false)
  }),
)
