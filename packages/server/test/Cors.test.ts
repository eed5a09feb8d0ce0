import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { ask, key, memory, token } from "./serverSupport.ts"

const origin = "https://shop.example"

/** The headers by which a browser decides whether a page may ask and hear. */
const permissionOf = (headers: Headers) =>
  Object.fromEntries(
    [...headers].filter(([name]) => name === "vary" || name.startsWith("access-control-")),
  )

const permission = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
  const { status, headers } = yield* ask(path, init)
  return { status, ...permissionOf(headers) }
})

const letIn = {
  "access-control-allow-origin": origin,
  "access-control-allow-credentials": "true",
  vary: "Origin",
}

const event = JSON.stringify({ api_key: token, event: "e", distinct_id: "u" })

layer(memory, { excludeTestServices: true })("pages of any origin", (it) => {
  it.effect("hear what capture and the stubs say, with cookies, also when it is a refusal", () =>
    Effect.gen(function* () {
      const headers = { origin }
      const exposed = { ...letIn, "access-control-expose-headers": "x-onymous-position" }
      const sent = yield* permission("/e/", { method: "POST", headers, body: event })
      expect(sent).toEqual({ status: 200, ...exposed })
      const refused = yield* permission("/e/", { method: "POST", headers, body: "{}" })
      expect(refused).toEqual({ status: 401, ...exposed })
      expect(yield* permission("/flags?v=2", { headers })).toEqual({ status: 200, ...letIn })
      expect(yield* permission("/array/a/config", { headers })).toEqual({ status: 200, ...letIn })
      expect(yield* permission("/nowhere", { headers })).toEqual({ status: 404, ...letIn })
    }),
  )

  it.effect("may ask before they send, for a day, any headers", () =>
    Effect.gen(function* () {
      for (const path of ["/e/", "/i/v0/e/", "/batch/", "/flags/", "/array/a/config"]) {
        const headers = {
          origin,
          "access-control-request-method": "POST",
          "access-control-request-headers": "content-type, x-one",
        }
        expect(yield* permission(path, { method: "OPTIONS", headers })).toMatchObject({
          status: 204,
          ...letIn,
          vary: "Origin, Access-Control-Request-Headers",
          "access-control-allow-methods": "GET, POST, OPTIONS",
          "access-control-allow-headers": "content-type, x-one",
          "access-control-max-age": "86400",
        })
      }
    }),
  )

  it.effect("an answer to no origin is kept for no page", () =>
    Effect.gen(function* () {
      const answer = yield* permission("/array/a/config")
      expect(answer).toMatchObject({ status: 200, vary: "Origin" })
      expect(answer).not.toHaveProperty("access-control-allow-origin")
    }),
  )

  it.effect("are not let in where nothing answers, nor to the API, whatever key they have", () =>
    Effect.gen(function* () {
      const headers = { origin, authorization: `Bearer ${key}` }
      for (const path of ["/nowhere", "/api/projects/1/persons"]) {
        const preflight = yield* permission(path, { method: "OPTIONS", headers })
        expect(preflight).toEqual({ status: 404 })
      }
      expect(yield* permission("/api/projects/1/persons", { headers })).toEqual({ status: 403 })
    }),
  )
})
