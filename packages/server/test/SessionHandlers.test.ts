import { expect, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import { ask, key, on, other, project } from "./serverSupport.ts"

const json = Schema.decodeUnknownSync(
  Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)),
)

const post = (path: string, body: object, secret?: string) =>
  Effect.map(
    ask(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(secret !== undefined && { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify(body),
    }),
    ({ status, text }) => ({ status, body: json(text) }),
  )

const get = (path: string, secret: string) =>
  Effect.map(ask(path, { headers: { authorization: `Bearer ${secret}` } }), ({ status }) => status)

const signIn = (code: unknown) => post("/studio/session", { code })

const code = "a-code-that-the-server-told"

const server = on(layerMemory, undefined, { firstCode: { code, project, isReadOnly: false } })

layer(server, { excludeTestServices: true })("whoever signs in", (it) => {
  it.effect("with the code that the server told has a key to its project, and to no other", () =>
    Effect.gen(function* () {
      const signed = yield* signIn(code)
      expect(signed).toMatchObject({ status: 200, body: { project: "1", read_only: false } })
      const token = String(signed.body["token"])
      expect(yield* get("/api/projects/1/status", token)).toBe(200)
      expect(yield* get("/api/projects/2/status", token)).toBe(401)
      expect(yield* get("/api/projects", token)).toBe(401)
      expect(yield* signIn(code)).toMatchObject({ status: 401, body: { code: "unauthorized" } })
    }),
  )

  it.effect("by a link that only looks asks everything, and does nothing", () =>
    Effect.gen(function* () {
      const link = yield* post("/api/projects/1/studio/link", { read_only: true }, key)
      const signed = yield* signIn(link.body["code"])
      const token = String(signed.body["token"])
      expect(signed.body).toMatchObject({ read_only: true })
      expect(yield* get("/api/projects/1/status", token)).toBe(200)
      const asked = yield* post("/api/projects/1/what-if", { policy: {} }, token)
      expect(asked.status).toBe(200)
      const because = { by: "ann", reason: "a test" }
      for (const [path, body] of [
        ["persons/split", { distinct_id: "a", ...because }],
        ["persons/delete", { distinct_id: "a" }],
        ["retractions", { event_uuid: "00000000-0000-4000-8000-000000000001", ...because }],
        ["demo", {}],
        ["studio/link", { read_only: false }],
        ["rebuild", undefined],
      ] as const) {
        const refused = yield* post(`/api/projects/1/${path}`, body ?? {}, token)
        expect([path, refused.status]).toEqual([path, 401])
        expect(String(refused.body["message"])).toContain("for looking alone")
      }
    }),
  )

  it.effect("gets the demo once, on a log that is empty", () =>
    Effect.gen(function* () {
      const path = "/api/projects/2/demo"
      const loaded = yield* post(path, {}, other.key)
      expect(loaded).toEqual({ status: 200, body: { events: 1630, position: 1630 } })
      const again = yield* post(path, {}, other.key)
      expect(again).toMatchObject({ status: 400, body: { code: "refused", field: "project" } })
    }),
  )
})
