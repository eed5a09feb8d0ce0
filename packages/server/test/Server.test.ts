import { layer as withLayer, expect } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { OpenApi } from "effect/http-api"
import { gzipSync } from "node:zlib"
import * as Actors from "@onymous/actor/Actors"
import { Api } from "@onymous/api/Api"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import * as Projector from "@onymous/projector/Projector"
import * as Keys from "../src/access/Keys.ts"
import * as Server from "../src/Server.ts"

const token = "phc_test"
const key = "onk_test_that_nobody_ever_guesses"
const project = ProjectId("1")

const services = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, personsMemory)),
  Layer.provide(Actors.layer),
)

const prepared = Layer.effectDiscard(
  Effect.gen(function* () {
    yield* Keys.ensureProject(project, { token, key })
    yield* Effect.forkScoped((yield* Projector.Projector).run)
  }),
)

const server = Layer.mergeAll(Server.layer({ host: "127.0.0.1", port: 0 }), prepared).pipe(
  Layer.provideMerge(services),
)

interface Sent {
  readonly status: number
  readonly json: Record<string, unknown>
  readonly position: string | null
}

const request = Effect.fnUntraced(function* (path: string, init: RequestInit = {}) {
  const url = HttpServer.formatAddress((yield* HttpServer.HttpServer).address)
  return yield* Effect.promise(async (): Promise<Sent> => {
    const response = await fetch(`${url}${path}`, init)
    const text = await response.text()
    const isJson = response.headers.get("content-type")?.includes("json") === true
    const json = isJson && text !== "" ? JSON.parse(text) : {}
    return { status: response.status, json, position: response.headers.get("x-onymous-position") }
  })
})

const send = (
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => request(path, { method: "POST", body, headers })

const ask = (question: string) =>
  request(`/api/projects/1/${question}`, { headers: { authorization: `Bearer ${key}` } })

const head = Effect.flatMap(EventLog, (log) => Effect.map(log.head(project), (at) => at.position))

const single = (more: Record<string, unknown> = {}) =>
  JSON.stringify({ api_key: token, event: "e", distinct_id: "u", ...more })

withLayer(server, { timeout: "60 seconds", excludeTestServices: true })("the server", (it) => {
  it.effect("every door takes events, with and without a slash, and tells the position", () =>
    Effect.gen(function* () {
      for (const door of ["/batch", "/e", "/i/v0/e", "/capture", "/track", "/engage"]) {
        for (const slash of ["", "/"]) {
          const answer = yield* send(`${door}${slash}`, single())
          expect(answer).toMatchObject({ status: 200, json: { status: 1 } })
          expect(answer.position).toBe(`${yield* head}`)
        }
      }
    }),
  )

  it.effect("gzip is taken by header, by parameter, and with no hint at all", () =>
    Effect.gen(function* () {
      const packed = Uint8Array.from(gzipSync(single()))
      const hints = [
        yield* send("/e/", packed, { "content-encoding": "gzip" }),
        yield* send("/e/?compression=gzip-js", packed),
        yield* send("/e/", packed, { "content-type": "text/plain" }),
      ]
      expect(hints.map(({ status }) => status)).toEqual([200, 200, 200])
    }),
  )

  it.effect(
    "what is bad is refused in clear words, nothing of it is written, and the server lives",
    () =>
      Effect.gen(function* () {
        const before = yield* head
        const bomb = Uint8Array.from(gzipSync(Buffer.alloc(64 * 1024 * 1024, "[")))
        const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`
        const bad = [
          [yield* send("/batch/", "{broken"), 400],
          [yield* send("/e/", single({ api_key: "wrong" })), 401],
          [yield* send("/e/", single({ api_key: "phx_personal" })), 401],
          [yield* send("/batch/", single({ big: "x".repeat(21 * 1024 * 1024) })), 413],
          [yield* send("/e/", single({ big: "x".repeat(2.1 * 1024 * 1024) })), 413],
          [yield* send("/batch/", bomb), 413],
          [yield* send("/e/", single().replace('"u"', `"u","properties":{"a":${deep}}`)), 400],
          [yield* send("/e/", single({ distinct_id: "  " })), 400],
        ] as const
        for (const [answer, status] of bad) {
          expect(answer.status).toBe(status)
          expect(answer.json["detail"]).toBeTypeOf("string")
        }
        const batch = { api_key: token, batch: [{ event: "e", distinct_id: "u" }, { event: "e" }] }
        const half = yield* send("/batch/", JSON.stringify(batch))
        expect(half).toMatchObject({ status: 400, json: { attr: "batch[1].distinct_id" } })
        expect(half.json["detail"]).toContain("batch[1].distinct_id: expected")
        expect(yield* head).toBe(before)
        expect((yield* request("/health")).json).toEqual({ status: "ok" })
      }),
  )

  it.effect("what nobody answers is told so in JSON, without its query", () =>
    Effect.gen(function* () {
      for (const [method, path] of [
        ["DELETE", "/e/"],
        ["PUT", "/flags"],
        ["GET", "/nowhere"],
        ["POST", "/health"],
      ] as const) {
        expect(yield* request(`${path}?token=${token}`, { method })).toMatchObject({
          status: 404,
          json: { code: "not_found", detail: `Nothing answers ${method} ${path}: see /docs.` },
        })
      }
      expect(yield* request("/api/projects/1/persons", { method: "DELETE" })).toMatchObject({
        status: 404,
        json: {
          code: "not_found",
          message: expect.stringContaining("DELETE /api/projects/1/pers"),
        },
      })
      expect((yield* request("/health", { method: "HEAD" })).status).toBe(200)
    }),
  )

  it.effect("texts that no database holds are mended, and long ids are cut", () =>
    Effect.gen(function* () {
      const properties = '{"$set":{"__proto__":1,"n":"\\u0000","s":"\\ud800"}}'
      const id401 = `nul\u0000${"x".repeat(401)}`
      const body = single({ event: "$identify", distinct_id: id401 }).replace(
        '"event"',
        `"properties":${properties},"event"`,
      )
      const { position } = yield* send("/e/", body)
      const id = `nul\uFFFD${"x".repeat(196)}`
      const found = yield* ask(
        `persons?distinct_id=${encodeURIComponent(id)}&min_position=${position}`,
      )
      expect(found.json["results"]).toMatchObject([
        { distinct_ids: [id], properties: JSON.parse('{"__proto__":1,"n":"\uFFFD","s":"\uFFFD"}') },
      ])
    }),
  )

  it.effect("the API answers who is who, and names the field of a bad question", () =>
    Effect.gen(function* () {
      const identify = { event: "$identify", distinct_id: "api-user" }
      yield* send("/e/", single({ event: "seen", distinct_id: "api-anon" }))
      yield* send("/e/", single({ ...identify, properties: { $anon_distinct_id: "api-anon" } }))
      const refused = {
        ...identify,
        distinct_id: "api-other",
        properties: { $anon_distinct_id: "api-user" },
      }
      const { position } = yield* send("/e/", single(refused))
      const persons = yield* ask(`persons?distinct_id=api-anon&min_position=${position}`)
      expect(persons.json["results"]).toMatchObject([
        { distinct_ids: ["api-anon", "api-user"], is_identified: true, version: 0 },
      ])
      const events = yield* ask("events?distinct_id=api-user")
      expect(events.json["results"]).toMatchObject([
        { event: "$identify", status: "attributed" },
        { event: "seen", status: "pending", person_id: null },
      ])
      const warnings = yield* ask("warnings?distinct_id=api-other")
      expect(warnings.json["results"]).toMatchObject([
        { type: "cannot_merge_already_identified", count: 1, remedy: expect.any(String) },
      ])
      expect((yield* ask("status")).json).toMatchObject({ head: Number(position), lag: 0 })
      const bad = yield* ask("persons?limit=x")
      expect(bad).toMatchObject({ status: 400, json: { field: "limit" } })
      expect((yield* ask("persons?cursor=x")).status).toBeLessThan(500)
    }),
  )

  it.effect(
    "nobody is the operator where there is no operator's key, not even with the project's",
    () =>
      Effect.gen(function* () {
        for (const secret of ["", "undefined", key, Keys.hash("")]) {
          const headers = { authorization: `Bearer ${secret}` }
          const { status } = yield* request("/api/rebuild", { method: "POST", headers })
          expect({ secret, status }).toEqual({ secret, status: 401 })
        }
        const { status } = yield* request("/api/projects/1/persons", {
          headers: { authorization: "Bearer undefined" },
        })
        expect(status).toBe(401)
        expect((yield* request("/api/rebuild", { method: "POST" })).status).toBe(401)
      }),
  )

  it.effect("without the project's key nothing is told", () =>
    Effect.gen(function* () {
      const headers = { authorization: "Bearer onk_wrong" }
      const answers = [
        yield* request("/api/projects/1/persons"),
        yield* request("/api/projects/1/persons", { headers }),
        yield* request("/api/projects/2/persons", { headers: { authorization: `Bearer ${key}` } }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401])
      const openapi = yield* request("/openapi.json")
      const { paths } = OpenApi.fromApi(Api)
      expect(Object.keys(Object(openapi.json["paths"]))).toEqual(Object.keys(paths))
      expect((yield* request("/docs")).status).toBe(200)
    }),
  )
})
