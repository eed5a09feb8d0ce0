import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import * as Keys from "../src/access/Keys.ts"

const id = ProjectId("1")

/** A key that is long enough. */
const long = (name: string): string => `${name}-${"x".repeat(32)}`

/** A log in which all starts look for the project before one of them makes it. */
const together = Layer.effect(
  EventLog,
  Effect.map(EventLog, (log) => ({
    ...log,
    project: (wanted: ProjectId) => Effect.tap(log.project(wanted), () => Effect.yieldNow),
    keyHashes: (wanted: ProjectId) => Effect.tap(log.keyHashes(wanted), () => Effect.yieldNow),
  })),
).pipe(Layer.provide(layerMemory))

/** Tells which of some keys open the project. */
const opening = Effect.fnUntraced(function* (...keys: ReadonlyArray<string>) {
  const hashes = (yield* (yield* EventLog).keyHashes(id)) ?? []
  return keys.map((key) => Keys.isOneOf(hashes, key))
})

const token = Effect.map(
  Effect.flatMap(EventLog, (log) => log.project(id)),
  (project) => project?.token,
)

it.effect("the first start makes a project with keys of its own, told this once", () =>
  Effect.gen(function* () {
    const made = yield* Keys.ensureProject(id, {})
    expect(made).toEqual({
      token: expect.stringMatching(/^phc_[\w-]{43}$/),
      key: { _tag: "Made", text: expect.stringMatching(/^onk_[\w-]{43}$/) },
    })
    const text = made.key._tag === "Made" ? made.key.text : ""
    expect(yield* opening(text)).toEqual([true])
    const log = yield* EventLog
    const kept = [yield* log.projects, yield* log.keys(id), yield* log.keyHashes(id)]
    expect(JSON.stringify(kept)).not.toContain(text)
    const later = yield* Keys.ensureProject(id, {})
    expect(later).toEqual({ token: made.token, key: { _tag: "Kept" } })
  }).pipe(Effect.provide(layerMemory)),
)

const startsTogether = Effect.gen(function* () {
  const starts = Array.from({ length: 6 }, () => Keys.ensureProject(id, {}))
  const all = yield* Effect.all(starts, { concurrency: "unbounded" })
  const told = all.flatMap(({ key }) => (key._tag === "Made" ? [key.text] : []))
  expect(yield* opening(...told)).toEqual([true])
  expect(new Set(all.map((keys) => keys.token))).toEqual(new Set([yield* token]))
})

it.effect(
  "of several first starts at once, one makes the key that holds, and no other is told",
  () => Effect.provide(startsTogether, together),
)

it.effect("so it is where a project is there before, and has no key", () =>
  Effect.gen(function* () {
    yield* (yield* EventLog).createProject({ id, token: "t", keyHash: "" })
    yield* startsTogether
  }).pipe(Effect.provide(together)),
)

it.effect("so it is where the last key has ended", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const first = yield* Keys.ensureProject(id, {})
    yield* log.endKey(id, "serve")
    const second = yield* Keys.ensureProject(id, {})
    const texts = [first, second].map(({ key }) => (key._tag === "Made" ? key.text : ""))
    expect(yield* opening(...texts)).toEqual([false, true])
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a given key is the server's, in place of the one before, and lets others be", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const keys = yield* Keys.ensureProject(id, { token: "t1", key: long("k1") })
    expect(keys).toEqual({ token: "t1", key: { _tag: "Given" } })
    const ann = { project: id, name: "ann", hash: Keys.hash("a"), where: "name is free" } as const
    yield* log.addKey(ann)
    yield* Keys.ensureProject(id, { key: long("k2") })
    expect(yield* opening(long("k1"), long("k2"), "a")).toEqual([false, true, true])
    expect(yield* token).toBe("t1")
    yield* Keys.ensureProject(id, { token: "t2" })
    expect(yield* token).toBe("t2")
    expect(yield* opening(long("k2"), "a")).toEqual([true, true])
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a token that is a secret key, or looks like one, is refused, now or later", () =>
  Effect.gen(function* () {
    const refused = (given: Keys.Given) =>
      Effect.map(Effect.flip(Keys.ensureProject(id, given)), (error) =>
        error._tag === "KeyRefused" ? error.field : error,
      )
    expect(yield* refused({ token: "same", key: "same" })).toBe("key")
    expect(yield* refused({ token: "phx_1" })).toBe("token")
    expect(yield* refused({ token: "onk_1", key: long("k") })).toBe("token")
    yield* Keys.ensureProject(id, { token: long("t1"), key: long("k1") })
    expect(yield* refused({ key: long("t1") })).toBe("key")
    expect(yield* refused({ token: long("k1") })).toBe("token")
    yield* Keys.ensureProject(id, { token: long("k1"), key: long("k2") })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a key is a long text that a header carries, and no token: anybody could have that", () =>
  Effect.gen(function* () {
    const refused = (given: Keys.Given) => Keys.refusalOf(given)?.message
    expect(refused({ token: "" })).toBe("token: expected a text that is not empty")
    for (const key of ["", "x", "x".repeat(31), " ".repeat(32), long("sesame "), long("pässe")]) {
      const expected = "expected at least 32 printable ASCII characters without spaces"
      expect(refused({ key })).toBe(`key: ${expected}`)
      expect(refused({ operatorKey: key })).toBe(`operator-key: ${expected}`)
    }
    for (const given of [
      { token: "same", operatorKey: "same" },
      { operatorKey: long("phc_another's") },
    ]) {
      expect(refused(given)).toMatch(/^operator-key: expected a secret text/)
    }
    expect(refused({ key: long("phc_another's") })).toMatch(/^key: expected a secret text/)
    const key = "x".repeat(32)
    expect(refused({ token: "t", key, operatorKey: key })).toBeUndefined()
    yield* Keys.ensureProject(id, { token: long("kept") })
    const error = yield* Effect.flip(Keys.ensureProject(id, { operatorKey: long("kept") }))
    expect(error).toMatchObject({ field: "operator-key" })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a token that is another project's is refused", () =>
  Effect.gen(function* () {
    yield* Keys.ensureProject(id, { token: "taken" })
    const error = yield* Effect.flip(Keys.ensureProject(ProjectId("2"), { token: "taken" }))
    expect(error).toMatchObject({ reason: { _tag: "ProjectExists" } })
  }).pipe(Effect.provide(layerMemory)),
)

it("no key opens a project without one, and no empty text any", () => {
  expect([Keys.isOneOf([], ""), Keys.isOneOf([], "x")]).toEqual([false, false])
  expect(Keys.isOneOf(["", Keys.hash("")], "")).toBe(false)
})
