import { expect, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createHash } from "node:crypto"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import { ask, key, memory, on, token } from "./serverSupport.ts"

const strict = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
}

/** The directives of a content security policy. */
const directives = (headers: Headers) =>
  Object.fromEntries(
    (headers.get("content-security-policy") ?? "")
      .split("; ")
      .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]),
  )

/** The addresses that a browser loads for a page. */
const loaded = (html: string) =>
  [
    ...html.matchAll(
      /<(?:script|link|img|iframe|source)[^>]*?(?:src|href)\s*=\s*["']?([^"'\s>]+)|@import\s+["']?([^"';]+)|url\(["']?([^"')]+)/g,
    ),
  ].map(([, ...found]) => found.find((each) => each !== undefined))

const withoutScripts = (html: string) => html.replaceAll(/<script>.*?<\/script>/gs, "")

const hashesOf = (html: string, tag: "script" | "style") =>
  [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))].map(
    ([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`,
  )

layer(memory, { excludeTestServices: true })("every answer", (it) => {
  it.effect("lets no page frame it, guess its type, or learn whence one came", () =>
    Effect.gen(function* () {
      for (const [path, status, init] of [
        ["/", 200],
        ["/docs", 200],
        ["/openapi.json", 200],
        ["/health", 200],
        ["/nowhere", 404],
        ["/static/array.js", 200],
        ["/flags", 200],
        ["/e/", 401, { method: "POST", body: "{}" }],
        ["/e/", 204, { method: "OPTIONS" }],
        ["/api/projects/1/status", 401],
        ["/api/projects/1/status", 200, { headers: { authorization: `Bearer ${key}` } }],
      ] as const) {
        const answer = yield* ask(path, init)
        expect({ path, status: answer.status }).toEqual({ path, status })
        expect(Object.fromEntries(answer.headers)).toMatchObject(strict)
        expect(directives(answer.headers)).toMatchObject({
          "default-src": ["'none'"],
          "base-uri": ["'none'"],
          "form-action": ["'none'"],
          "frame-ancestors": ["'none'"],
        })
      }
    }),
  )
})

layer(memory, { excludeTestServices: true })("the page at /", (it) => {
  it.effect("is as it was built, has no token and no key, and loads its own files alone", () =>
    Effect.gen(function* () {
      const { status, headers, text } = yield* ask("/")
      expect({ status, type: headers.get("content-type") }).toEqual({
        status: 200,
        type: "text/html; charset=utf-8",
      })
      expect(text).not.toContain(token)
      expect(text).not.toContain(key)
      const files = loaded(text).filter((file) => file !== "data:,")
      expect(files.length).toBeGreaterThan(1)
      for (const file of files) {
        expect(file).toMatch(/^\/studio\//)
        const answer = yield* ask(`${file}`)
        expect(answer.status).toBe(200)
        expect(answer.headers.get("cache-control")).toContain("immutable")
      }
    }),
  )

  it.effect("runs nothing that stands in it, and makes code of no text", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* ask("/")
      expect(hashesOf(text, "script")).toEqual([])
      expect(hashesOf(text, "style")).toEqual([])
      expect(text).not.toMatch(/ (?:style|on\w+)=/)
      expect(directives(headers)).toEqual({
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
      })
    }),
  )

  it.effect("has no files but those that were built", () =>
    Effect.gen(function* () {
      for (const path of ["/studio/nothing.js", "/studio/../package.json", "/studio/%2e%2e/a.js"]) {
        expect((yield* ask(path)).status).toBe(404)
      }
    }),
  )
})

layer(memory, { excludeTestServices: true })("the docs", (it) => {
  it.effect("load nothing from another host, and run their own scripts alone", () =>
    Effect.gen(function* () {
      const { headers, text } = yield* ask("/docs")
      expect(loaded(withoutScripts(text))).toEqual([])
      expect(text).toContain('"withDefaultFonts":false')
      const { "script-src": scripts, "connect-src": asked, ...others } = directives(headers)
      expect(scripts).toEqual(hashesOf(text, "script"))
      expect(scripts).toHaveLength(2)
      expect(asked).toEqual(["'self'"])
      const sources = Object.values(others).flat()
      expect(sources.filter((source) => /^https?:|\*/.test(`${source}`))).toEqual([])
    }),
  )
})

const silent = Layer.effect(
  EventLog,
  Effect.map(EventLog, (log) => EventLog.of({ ...log, projects: Effect.die("asked") })),
).pipe(Layer.provide(layerMemory))

layer(on(silent), { excludeTestServices: true })("a page", (it) => {
  it.effect("asks no database", () =>
    Effect.gen(function* () {
      for (const path of ["/", "/docs"]) expect((yield* ask(path)).status).toBe(200)
    }),
  )
})
