import { expect, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import { askRaw, key, memory, on, project, token } from "./serverSupport.ts"

const foreign = { host: "evil.example:8000" }
const authorization = `Bearer ${key}`
const capture = `/e/?token=${token}&data=${encodeURIComponent('{"event":"e","distinct_id":"u"}')}`

const head = Effect.flatMap(EventLog, (log) => log.head(project))

layer(memory, { excludeTestServices: true })("a server that only its machine reaches", (it) => {
  it.effect("answers nobody who asks by a foreign name, and says what allows one", () =>
    Effect.gen(function* () {
      const before = yield* head
      const headers = { ...foreign, authorization }
      for (const path of [
        "/",
        "/docs",
        "/openapi.json",
        "/nowhere",
        "/static/array.js",
        "/flags",
        capture,
      ]) {
        const { status, body } = yield* askRaw(path, { headers })
        expect({ path, status }).toEqual({ path, status: 403 })
        expect(JSON.parse(`${body}`)).toEqual({
          type: "invalid_request",
          code: "host_not_allowed",
          detail:
            "The host evil.example:8000 is none of this server's: `onymous serve --allowed-hosts` names those that are.",
          attr: null,
        })
      }
      const { status, body } = yield* askRaw("/api/projects/1/status", { headers })
      expect({ status, code: JSON.parse(`${body}`).code }).toEqual({
        status: 403,
        code: "host_not_allowed",
      })
      expect(yield* head).toEqual(before)
    }),
  )

  it.effect("tells balancers its health by whatever name they ask", () =>
    Effect.gen(function* () {
      for (const path of ["/health", "/readyz", "/livez"]) {
        expect((yield* askRaw(path, { headers: foreign })).status).toBe(200)
      }
    }),
  )

  it.effect("repeats no name that could break what it is told in", () =>
    Effect.gen(function* () {
      const { status, body } = yield* askRaw("/", { headers: { host: '"><script>' } })
      expect(status).toBe(403)
      expect(`${body}`).not.toContain("script")
    }),
  )

  it.effect("lets pages of any origin capture, and those of its own alone ask the API", () =>
    Effect.gen(function* () {
      const origin = "https://shop.example"
      expect((yield* askRaw(capture, { headers: { origin } })).status).toBe(200)
      for (const path of ["/", "/docs", "/openapi.json", "/api/projects/1/status"]) {
        const answer = yield* askRaw(path, { headers: { origin, authorization } })
        expect({ path, status: answer.status }).toEqual({ path, status: 403 })
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined()
        const own = { host: "localhost:8000", origin: "http://localhost:8000", authorization }
        expect((yield* askRaw(path, { headers: own })).status).toBe(200)
      }
    }),
  )
})

const named = on(layerMemory, undefined, { allowedHosts: ["shop.example"] })

it.live("a name that is allowed may be asked by, and its pages may ask the API", () =>
  Effect.gen(function* () {
    const headers = { host: "shop.example", origin: "https://shop.example", authorization }
    expect((yield* askRaw("/api/projects/1/status", { headers })).status).toBe(200)
    expect((yield* askRaw("/", { headers: foreign })).status).toBe(403)
    expect((yield* askRaw("/")).status).toBe(200)
  }).pipe(Effect.provide(named)),
)

it.live(
  "a server that others reach is asked by any name, where none is allowed before others",
  () =>
    Effect.gen(function* () {
      expect((yield* askRaw("/", { headers: foreign })).status).toBe(200)
    }).pipe(Effect.provide(on(layerMemory, undefined, { host: "0.0.0.0" }))),
)

it.live("a server that others reach is asked by the names that are allowed alone", () =>
  Effect.gen(function* () {
    expect((yield* askRaw("/", { headers: foreign })).status).toBe(403)
    expect((yield* askRaw("/", { headers: { host: "shop.example" } })).status).toBe(200)
  }).pipe(
    Effect.provide(on(layerMemory, undefined, { host: "0.0.0.0", allowedHosts: ["shop.example"] })),
  ),
)
