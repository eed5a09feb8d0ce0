import { expect, it } from "@effect/vitest"
import { Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Sessions from "../src/access/Sessions.ts"

const project = ProjectId("1")
const full = { project, isReadOnly: false }

const provided = Effect.provide(Sessions.layer({ ...full, code: "the first code" }))

it.effect("a code opens one session, and no second one", () =>
  Effect.gen(function* () {
    const sessions = yield* Sessions.Sessions
    const opened = yield* sessions.open("the first code")
    expect(opened).toMatchObject(full)
    expect(yield* sessions.of(opened?.token ?? "")).toEqual(full)
    const again = yield* Effect.forkChild(sessions.open("the first code"))
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(again)).toBeUndefined()
    expect(yield* sessions.of("the first code")).toBeUndefined()
    expect(yield* sessions.of("ons_nobody")).toBeUndefined()
  }).pipe(provided),
)

it.effect("a session ends twelve hours after the last question, and not before", () =>
  Effect.gen(function* () {
    const sessions = yield* Sessions.Sessions
    const code = yield* sessions.codeFor({ project, isReadOnly: true })
    const { token = "" } = (yield* sessions.open(code)) ?? {}
    for (let asked = 0; asked < 3; asked++) {
      yield* TestClock.adjust("11 hours")
      expect(yield* sessions.of(token)).toEqual({ project, isReadOnly: true })
    }
    yield* TestClock.adjust(Duration.sum(Sessions.idleMax, Duration.millis(1)))
    expect(yield* sessions.of(token)).toBeUndefined()
  }).pipe(provided),
)

it.effect("wrong codes are answered one after the other, and a right one at once", () =>
  Effect.gen(function* () {
    const sessions = yield* Sessions.Sessions
    const wrong = yield* Effect.forEach(["a", "b", "c"], (code) =>
      Effect.forkChild(sessions.open(code), { startImmediately: true }),
    )
    expect(yield* sessions.open("the first code")).toMatchObject(full)
    const answered = () => wrong.filter((fiber) => fiber.pollUnsafe() !== undefined).length
    expect(answered()).toBe(0)
    yield* TestClock.adjust("200 millis")
    expect(answered()).toBe(1)
    yield* TestClock.adjust("400 millis")
    expect(answered()).toBe(3)
  }).pipe(provided),
)

it.effect("no number of codes fills the memory: the oldest goes", () =>
  Effect.gen(function* () {
    const sessions = yield* Sessions.Sessions
    const last = yield* Effect.forEach(Array.from({ length: 1001 }), () => sessions.codeFor(full))
    expect(yield* sessions.open(last.at(-1) ?? "")).toMatchObject(full)
    const first = yield* Effect.forkChild(sessions.open("the first code"))
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(first)).toBeUndefined()
  }).pipe(provided),
)
