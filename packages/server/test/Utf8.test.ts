import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { request } from "node:http"
import { EventLog } from "@onymous/log/EventLog"
import { ask, key, operatorKey, project, question, unbuffered, url } from "./serverSupport.ts"

/** A text that is no UTF-8, because its é is a byte of Latin-1. */
const latin1 = (value: object): Buffer => Buffer.from(JSON.stringify(value), "latin1")

const posted = (path: string, body: Uint8Array<ArrayBuffer>, type = "application/json") =>
  ask(path, {
    method: "POST",
    headers: { "content-type": type, authorization: `Bearer ${key}` },
    body,
  })

/** Posts a body in two chunks, whose length no header tells. */
const postedInChunks = Effect.fnUntraced(function* (path: string, body: Buffer) {
  const address = `${yield* url}${path}`
  return yield* Effect.promise(
    () =>
      new Promise<number | undefined>((answered, failed) => {
        const headers = { "content-type": "application/json", authorization: `Bearer ${key}` }
        const asked = request(address, { method: "POST", headers }, (response) => {
          response.resume().on("end", () => answered(response.statusCode))
        })
        asked.on("error", failed)
        asked.write(body.subarray(0, 10))
        asked.end(body.subarray(10))
      }),
  )
})

const headNow = Effect.gen(function* () {
  return (yield* (yield* EventLog).head(project)).position
})

const refusal = (field: string) => ({
  code: "invalid_input",
  message: `${field}: expected UTF-8`,
  field,
  expected: "UTF-8",
})

const person = { distinct_id: "René", by: "ann", reason: "asked" }

const bodies: ReadonlyArray<readonly [string, object]> = [
  ["/api/projects/1/persons/delete", person],
  ["/api/projects/1/persons/split", person],
  ["/api/projects/1/what-if", { insert: [{ event: "e", distinct_id: "René" }] }],
  ["/studio/session", { code: "é" }],
]

const parameters: ReadonlyArray<readonly [string, string]> = [
  ["projects/1/persons?distinct_id=%ff", "distinct_id"],
  ["projects/1/persons?limit=3&search=%ED%A0%80", "search"],
  ["projects/1/why?a=Ren%E9&b=x", "a"],
  ["projects/1/persons?%ff=3", "query"],
  ["projects/%ff/persons", "project"],
  ["projects/%ED%A0%80/persons", "project"],
]

layer(unbuffered, { excludeTestServices: true })("a question that is no UTF-8", (it) => {
  it.effect.each(bodies)("is refused by its body: %s", ([path, body]) =>
    Effect.gen(function* () {
      const head = yield* headNow
      const { status, text } = yield* posted(path, new Uint8Array(latin1(body)))
      expect({ status, body: JSON.parse(text) }).toEqual({ status: 400, body: refusal("body") })
      expect(yield* headNow).toBe(head)
    }),
  )

  it.effect("is refused in chunks, and read where it is UTF-8", () =>
    Effect.gen(function* () {
      const path = "/api/projects/1/persons/delete"
      const whole = Buffer.from(JSON.stringify(person))
      expect(yield* postedInChunks(path, latin1(person))).toBe(400)
      expect(yield* postedInChunks(path, whole)).toBe(404)
    }),
  )

  it.effect.each(parameters)("is refused by its parameter: %s", ([path, field]) =>
    Effect.gen(function* () {
      const { status, text } = yield* ask(`/api/${path}`, {
        headers: { authorization: `Bearer ${operatorKey}` },
      })
      expect({ status, body: JSON.parse(text) }).toEqual({ status: 400, body: refusal(field) })
    }),
  )

  it.effect("is none for a percent sign, a plus or an escaped letter", () =>
    Effect.gen(function* () {
      expect((yield* question("persons?search=100%25+Ren%C3%A9%zz")).status).toBe(200)
      expect((yield* ask("/api/projects/%31/persons")).status).toBe(401)
    }),
  )

  it.effect("is told by the line in an import", () =>
    Effect.gen(function* () {
      const line = latin1({ event: "e", distinct_id: "René" })
      const path = "/api/projects/1/import"
      const { text } = yield* posted(path, new Uint8Array(line), "application/x-ndjson")
      expect(JSON.parse(text)).toMatchObject({ lines: 1, added: 0 })
      expect(text).toContain("UTF-8")
    }),
  )
})
