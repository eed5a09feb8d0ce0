import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { ask, key, memory, operatorKey, other } from "./serverSupport.ts"

const asked = (path: string, secret: string, body?: object) =>
  ask(`/api/projects/${path}`, {
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
  })

layer(memory, { excludeTestServices: true })("the keys of a project", (it) => {
  it.effect(
    "are the operator's business alone: a key of the project makes, ends and lists none",
    () =>
      Effect.gen(function* () {
        for (const secret of [key, other.key, "onk_wrong"]) {
          for (const [path, body] of [
            ["1/keys", undefined],
            ["1/keys", { name: "mine" }],
            ["1/keys/end", { name: "serve" }],
          ] as const) {
            const { status } = yield* asked(path, secret, body)
            expect({ path, status }).toEqual({ path, status: 401 })
          }
        }
        expect((yield* asked("1/status", key)).status).toBe(200)
      }),
  )

  it.effect(
    "open their own project alone, and of a project that is not there nothing is made",
    () =>
      Effect.gen(function* () {
        const made = JSON.parse((yield* asked("1/keys", operatorKey, { name: "ann" })).text)
        expect((yield* asked("1/status", made.key)).status).toBe(200)
        expect((yield* asked("2/status", made.key)).status).toBe(401)
        const nobody = yield* asked("3/keys", operatorKey, { name: "ann" })
        expect({ status: nobody.status, text: nobody.text }).toEqual({
          status: 401,
          text: expect.stringContaining("There is no project 3."),
        })
      }),
  )

  it.effect("have names that a terminal shows and a command takes", () =>
    Effect.gen(function* () {
      for (const name of ["", "a b", "x".repeat(65), "é"]) {
        const { status, text } = yield* asked("1/keys", operatorKey, { name })
        expect({ name, status }).toEqual({ name, status: 400 })
        expect(text).toContain('"name"')
      }
      expect((yield* asked("1/keys", operatorKey, { nam: "a" })).status).toBe(400)
    }),
  )
})
