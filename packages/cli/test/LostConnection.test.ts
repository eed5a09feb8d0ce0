import { expect, it } from "@effect/vitest"
import { Console, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLogError } from "@onymous/log/EventLog"
import { CouldNot } from "../src/CommandError.ts"
import * as LostConnection from "../src/LostConnection.ts"

const lost = new EventLogError({ reason: { _tag: "Unavailable", cause: "it hung up" } })
const refused = new EventLogError({
  reason: { _tag: "ProjectNotFound", project: ProjectId("shop") },
})

/** Fails so many times with an error; counts its tries, and keeps what is told meanwhile. */
const failing = (times: number, error: EventLogError) => {
  const seen = { tries: 0, told: new Array<string>() }
  const console: Console.Console = {
    ...globalThis.console,
    error: (...texts) => void seen.told.push(texts.join(" ")),
  }
  const effect = Effect.suspend(() => {
    seen.tries += 1
    return seen.tries <= times ? Effect.fail(error) : Effect.succeed("done")
  })
  return {
    seen,
    run: Effect.provideService(LostConnection.patiently(effect), Console.Console, console),
  }
}

it.effect("a lost connection is tried again, which is told once, and for some 30 s", () =>
  Effect.gen(function* () {
    const short = failing(3, lost)
    const done = yield* Effect.forkChild(short.run)
    yield* TestClock.adjust("4 seconds")
    expect(yield* Fiber.join(done)).toBe("done")
    expect(short.seen).toEqual({
      tries: 4,
      told: ["The log is unavailable: it hung up: trying again for 30 s."],
    })
    const long = failing(Infinity, lost)
    const given = yield* Effect.forkChild(Effect.flip(long.run))
    yield* TestClock.adjust("32 seconds")
    expect(yield* Fiber.join(given)).toBe(lost)
    expect(long.seen.tries).toBe(7)
  }),
)

it.effect("another failure is tried once", () =>
  Effect.gen(function* () {
    const { seen, run } = failing(1, refused)
    expect(yield* Effect.flip(run)).toBe(refused)
    expect(seen).toEqual({ tries: 1, told: [] })
  }),
)

it.effect("the failure of a lost connection says what is done already", () =>
  Effect.gen(function* () {
    const said = () => "5 events are in the log; the same command goes on from there."
    expect(yield* Effect.flip(LostConnection.explained(Effect.fail(lost), said))).toEqual(
      new CouldNot({
        code: "unavailable",
        message: `The log is unavailable: it hung up. ${said()}`,
      }),
    )
    expect(yield* Effect.flip(LostConnection.explained(Effect.fail(refused), said))).toBe(refused)
    expect(yield* Effect.flip(LostConnection.explained(Effect.fail(lost), () => undefined))).toBe(
      lost,
    )
  }),
)
