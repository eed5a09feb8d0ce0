import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog, layerMemory } from "@onymous/log/EventLog"
import * as Keys from "../src/Keys.ts"

const id = ProjectId("1")

const stored = Effect.gen(function* () {
  const [project] = yield* (yield* EventLog).projects
  return project ?? { id, token: "", keyHash: "", logId: "" }
})

it.effect("the first start makes a project with keys of its own, told this once", () =>
  Effect.gen(function* () {
    const made = yield* Keys.ensureProject(id, {})
    expect(made).toMatchObject({
      token: expect.stringMatching(/^phc_[\w-]{43}$/),
      key: expect.stringMatching(/^onk_[\w-]{43}$/),
      isNew: true,
    })
    const project = yield* stored
    expect(Keys.isKeyOf(project, made.key ?? "")).toBe(true)
    expect(JSON.stringify(project)).not.toContain(made.key)
    const later = yield* Keys.ensureProject(id, {})
    expect(later).toEqual({ token: made.token, key: undefined, isNew: false })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("given keys are taken as they are, and on a later start replace those before", () =>
  Effect.gen(function* () {
    expect(yield* Keys.ensureProject(id, { token: "t1", key: "k1" })).toEqual({
      token: "t1",
      key: "k1",
      isNew: true,
    })
    yield* Keys.ensureProject(id, { key: "k2" })
    const project = yield* stored
    expect(project.token).toBe("t1")
    expect([Keys.isKeyOf(project, "k1"), Keys.isKeyOf(project, "k2")]).toEqual([false, true])
    yield* Keys.ensureProject(id, { token: "t2" })
    expect(yield* stored).toEqual({ ...project, token: "t2" })
  }).pipe(Effect.provide(layerMemory)),
)

it.effect("a token that is another project's is refused", () =>
  Effect.gen(function* () {
    yield* Keys.ensureProject(id, { token: "taken" })
    const error = yield* Effect.flip(Keys.ensureProject(ProjectId("2"), { token: "taken" }))
    expect(error.reason._tag).toBe("ProjectExists")
  }).pipe(Effect.provide(layerMemory)),
)

it("no key opens a project without one", () => {
  const project = { id, token: "t", keyHash: "", logId: "" }
  expect([Keys.isKeyOf(project, ""), Keys.isKeyOf(project, "x")]).toEqual([false, false])
})
