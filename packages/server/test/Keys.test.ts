import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import * as Keys from "../src/access/Keys.ts"

const id = ProjectId("1")

/** A log in which all look for the project before anybody makes it. */
const together = Layer.effect(
  EventLog,
  Effect.map(EventLog, (log) => ({
    ...log,
    project: (wanted: ProjectId) => Effect.tap(log.project(wanted), () => Effect.yieldNow),
  })),
).pipe(Layer.provide(layerMemory))

const stored = Effect.gen(function* () {
  const [project] = yield* (yield* EventLog).projects
  return project ?? { id, token: "", keyHash: "", logId: "" }
})

it.effect("the first start makes a project with keys of its own, told this once", () =>
  Effect.gen(function* () {
    const made = yield* Keys.ensureProject(id, {})
    expect(made).toEqual({
      token: expect.stringMatching(/^phc_[\w-]{43}$/),
      key: { _tag: "Made", text: expect.stringMatching(/^onk_[\w-]{43}$/) },
    })
    const text = made.key._tag === "Made" ? made.key.text : ""
    const project = yield* stored
    expect(Keys.isKeyOf(project, text)).toBe(true)
    expect(JSON.stringify(project)).not.toContain(text)
    const later = yield* Keys.ensureProject(id, {})
    expect(later).toEqual({ token: made.token, key: { _tag: "Kept" } })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect(
  "of several first starts at once, one makes the key that holds, and no other is told",
  () =>
    Effect.gen(function* () {
      const starts = Array.from({ length: 6 }, () => Keys.ensureProject(id, {}))
      const all = yield* Effect.all(starts, { concurrency: "unbounded" })
      const project = yield* stored
      const told = all.flatMap(({ key }) => (key._tag === "Made" ? [key.text] : []))
      expect(told.map((text) => Keys.isKeyOf(project, text))).toEqual([true])
      expect(new Set(all.map(({ token }) => token))).toEqual(new Set([project.token]))
    }).pipe(Effect.provide(together)),
)

it.effect("given keys are taken as they are, and on a later start replace those before", () =>
  Effect.gen(function* () {
    const keys = yield* Keys.ensureProject(id, { token: "t1", key: "k1" })
    expect(keys).toEqual({ token: "t1", key: { _tag: "Given" } })
    yield* Keys.ensureProject(id, { key: "k2" })
    const project = yield* stored
    expect(project.token).toBe("t1")
    expect([Keys.isKeyOf(project, "k1"), Keys.isKeyOf(project, "k2")]).toEqual([false, true])
    yield* Keys.ensureProject(id, { token: "t2" })
    expect(yield* stored).toEqual({ ...project, token: "t2" })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a token that is the secret key, or looks like one, is refused, now or later", () =>
  Effect.gen(function* () {
    const refused = (given: Keys.Given) =>
      Effect.map(Effect.flip(Keys.ensureProject(id, given)), (error) =>
        error._tag === "KeyRefused" ? error.field : error,
      )
    expect(yield* refused({ token: "same", key: "same" })).toBe("key")
    expect(yield* refused({ token: "phx_1" })).toBe("token")
    expect(yield* refused({ token: "onk_1", key: "k" })).toBe("token")
    yield* Keys.ensureProject(id, { token: "t1", key: "k1" })
    expect(yield* refused({ key: "t1" })).toBe("key")
    expect(yield* refused({ token: "k1" })).toBe("token")
    yield* Keys.ensureProject(id, { token: "k1", key: "k2" })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a key is a text that a header carries, and no token: anybody could have that", () =>
  Effect.gen(function* () {
    const refused = (given: Keys.Given) => Keys.refusalOf(given)?.message
    expect(refused({ token: "" })).toBe("token: expected a text that is not empty")
    for (const key of ["", " ", "sesame ", "pässe", "a\nb"]) {
      const expected = "expected printable ASCII characters without spaces, at least one"
      expect(refused({ key })).toBe(`key: ${expected}`)
      expect(refused({ operatorKey: key })).toBe(`operator-key: ${expected}`)
    }
    for (const given of [
      { token: "same", operatorKey: "same" },
      { operatorKey: "phc_another's" },
    ]) {
      expect(refused(given)).toMatch(/^operator-key: expected a secret text/)
    }
    expect(refused({ token: "t", key: "k", operatorKey: "k" })).toBeUndefined()
    yield* Keys.ensureProject(id, { token: "kept" })
    const error = yield* Effect.flip(Keys.ensureProject(id, { operatorKey: "kept" }))
    expect(error).toMatchObject({ field: "operator-key" })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("an empty key that was taken once opens nothing, and gets a successor that is told", () =>
  Effect.gen(function* () {
    yield* (yield* EventLog).createProject({ id, token: "t", keyHash: Keys.hash("") })
    expect(Keys.isKeyOf(yield* stored, "")).toBe(false)
    const { key } = yield* Keys.ensureProject(id, {})
    expect(key._tag).toBe("Made")
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a token that is another project's is refused", () =>
  Effect.gen(function* () {
    yield* Keys.ensureProject(id, { token: "taken" })
    const error = yield* Effect.flip(Keys.ensureProject(ProjectId("2"), { token: "taken" }))
    expect(error).toMatchObject({ reason: { _tag: "ProjectExists" } })
  }).pipe(Effect.provide(layerMemory)),
)

it("no key opens a project without one", () => {
  const project = { id, token: "t", keyHash: "", logId: "" }
  expect([Keys.isKeyOf(project, ""), Keys.isKeyOf(project, "x")]).toEqual([false, false])
})
