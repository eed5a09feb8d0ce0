import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import { gzipSync } from "node:zlib"
import * as CaptureBody from "../src/capture/CaptureBody.ts"

const event = { api_key: "phc_a", event: "e", distinct_id: "u" }
const json = JSON.stringify(event)
const base64 = Buffer.from(json).toString("base64")
const form = "application/x-www-form-urlencoded"

interface Given {
  readonly body?: string | Uint8Array
  readonly type?: string
  readonly encoding?: string
  readonly query?: string
}

const decode = ({ body = "", type = "", encoding = "", query = "" }: Given) =>
  CaptureBody.decode({
    body: Buffer.from(body),
    contentType: type,
    contentEncoding: encoding,
    query: new URLSearchParams(query),
  })

const lz64 = "N4IghgDglg+g1gUwJ4gFwggCwMYzCAGhAQDcEA7AFzWMJABMoBnSqc7SmKemgVxAC+QA"

const readable: ReadonlyArray<readonly [string, Given]> = [
  ["JSON", { body: json, type: "application/json" }],
  ["JSON as text", { body: json, type: "text/plain" }],
  ["JSON without a type", { body: json }],
  ["JSON with white space and a byte order mark", { body: `\uFEFF \n${json}\n` }],
  ["gzip by its header", { body: gzipSync(json), encoding: "gzip" }],
  ["gzip by parameter", { body: gzipSync(json), query: "compression=gzip-js&ver=1.20.0" }],
  ["gzip by its first bytes alone", { body: gzipSync(json), type: "text/plain" }],
  ["base64 by parameter", { body: base64, query: "compression=base64" }],
  ["base64 without a word", { body: base64 }],
  ["base64 without padding", { body: base64.replace(/=+$/, "") }],
  ["base64 of gzip", { body: gzipSync(json).toString("base64") }],
  ["a form of JSON", { body: new URLSearchParams({ data: json }).toString(), type: form }],
  ["a form of base64", { body: new URLSearchParams({ data: base64 }).toString(), type: form }],
  ["a form that lost its pluses", { body: `data=${base64}`, type: form }],
  ["a form that names base64", { body: `compression=base64&data=${base64}`, type: form }],
  [
    "a form of base64 of gzip",
    {
      body: new URLSearchParams({ data: gzipSync(json).toString("base64") }).toString(),
      type: `${form}; charset=utf-8`,
      query: "compression=gzip",
    },
  ],
  ["a query of JSON", { query: new URLSearchParams({ data: json }).toString() }],
  ["a query of base64", { query: new URLSearchParams({ data: base64 }).toString() }],
]

it("a body that begins like JSON is JSON, also as curl sends it, with a form's parts in a text", async () => {
  const given = { ...event, u: "http://x/?a=1&data=foo&api_key=phc_b&compression=gzip" }
  for (const value of [given, [given], { api_key: "phc_a", batch: [given] }]) {
    const body = `\n ${JSON.stringify(value)}`
    const decoded = Result.getOrThrow(await decode({ body, type: form }))
    expect(decoded).toMatchObject({ token: "phc_a", events: [given] })
  }
  const packed = gzipSync(json, { level: 0 })
  expect(Result.getOrThrow(await decode({ body: packed, type: form })).events).toEqual([event])
})

describe("every form of the SDKs is one event with its token", () => {
  it.each(readable)("%s", async (_, given) => {
    const decoded = Result.getOrThrow(await decode(given))
    expect(decoded).toMatchObject({ token: "phc_a", events: [event] })
  })
})

it("lz64 of 2022 is read, by parameter, by header and in a form", async () => {
  const packed = [
    { body: lz64, query: "compression=lz64" },
    { body: lz64, encoding: "lz64" },
    { body: `data=${lz64}`, type: form, query: "compression=lz64" },
  ]
  for (const given of packed) {
    expect(Result.getOrThrow(await decode(given))).toMatchObject({ events: [event] })
  }
})

const bomb = gzipSync(Buffer.alloc(CaptureBody.unpackedBytesMax + 1, " "))
const deep = (levels: number) =>
  `{"api_key":"phc_a","event":"e","p":${"[".repeat(levels)}${"]".repeat(levels)}}`

const noEvents = "expected an event, an array of events or a batch"

const refused: ReadonlyArray<readonly [string, number, string, Given]> = [
  ["nothing", 400, "The body is empty.", {}],
  ["white space", 400, "The body is empty.", { body: " \n" }],
  ["no data", 400, "The body is empty.", { query: "data=" }],
  ["a trailing comma", 400, "The body is not JSON.", { body: '{"event": "e",}' }],
  ["half an object", 400, "The body is not JSON.", { body: json.slice(0, -1) }],
  ["a number", 400, noEvents, { body: "12" }],
  ["null", 400, noEvents, { body: "null" }],
  ["a text", 400, noEvents, { body: '"abc"' }],
  ["gzip of null", 400, noEvents, { body: gzipSync("null") }],
  ["a form of null", 400, noEvents, { body: "data=null", type: form }],
  ["what is not gzip", 400, "not gzip", { body: json, encoding: "gzip" }],
  ["half gzip", 400, "not whole gzip", { body: gzipSync(json).subarray(0, 30) }],
  ["brotli", 400, "br is not gzip", { body: "\u001b\u0003", encoding: "br" }],
  ["broken lz64", 400, "not whole lz64", { body: "N4Ig", query: "compression=lz64" }],
  ["a bomb", 413, "when unpacked", { body: bomb }],
  ["a bomb in base64", 413, "when unpacked", { body: bomb.toString("base64") }],
  ["10,000 levels", 400, "nests deeper", { body: deep(10_000) }],
  ["a million levels", 400, "nests deeper", { body: deep(1_000_000) }],
  ["an empty batch", 400, "at least one", { body: '{"api_key":"phc_a","batch":[]}' }],
  ["no events", 400, "at least one", { body: "[]" }],
  ["a batch that is none", 400, "array of events", { body: '{"api_key":"phc_a","batch":{}}' }],
]

describe("what cannot be read is refused in words", () => {
  it.each(refused)("%s", async (_, status, detail, given) => {
    const decoded = await decode(given)
    expect(Result.getFailure(decoded)).toMatchObject({
      value: { status, detail: expect.stringContaining(detail) },
    })
  })
})

it("brackets and quotes within texts are no nesting, however long the body", async () => {
  const text = `\\" [{ ${"[".repeat(400_000)}`
  const body = JSON.stringify({ ...event, properties: { text } })
  expect(Result.getOrThrow(await decode({ body })).events).toHaveLength(1)
})

const one = { event: "e", distinct_id: "u" }

const inProperties = (token: unknown) => ({ ...one, properties: { token } })

const tokens: ReadonlyArray<readonly [string, unknown, string | undefined]> = [
  ["api_key", { ...one, api_key: "phc_a" }, undefined],
  ["token", { ...one, token: "phc_a" }, undefined],
  ["$token", { ...one, $token: "phc_a" }, undefined],
  ["properties.token", { ...one, properties: { token: "phc_a" } }, undefined],
  ["a batch's api_key", { api_key: "phc_a", batch: [one] }, undefined],
  ["a batch's token", { token: "phc_a", batch: [one] }, undefined],
  ["a batch's events", { batch: [{ ...one, properties: { token: "phc_a" } }] }, undefined],
  ["the first of an array", [{ ...one, api_key: "phc_a" }, one], undefined],
  ["the query's api_key", one, "api_key=phc_a"],
  ["the query's token", [one], "token=phc_a"],
  // posthog-js names the token in the batch and in each event.
  ["the same one twice", { api_key: "phc_a", batch: [inProperties("phc_a")] }, undefined],
  ["the same one everywhere", { ...inProperties("phc_a"), api_key: "phc_a" }, "token=phc_a"],
  ["beside a property of the client's own", { ...inProperties("mine"), token: "phc_a" }, undefined],
  ["beside one that is no text", { ...inProperties(12), token: "phc_a" }, undefined],
]

describe("the token is found wherever SDKs put it", () => {
  it.each(tokens)("%s", async (_, body, query = "") => {
    const decoded = await decode({ body: JSON.stringify(body), query })
    expect(Result.getOrThrow(decoded).token).toBe("phc_a")
  })
})

const mixed: ReadonlyArray<unknown> = [
  { api_key: "phc_a", batch: [one, { ...one, api_key: "phc_b" }] },
  { api_key: "phc_a", batch: [{ ...one, token: "phc_b" }] },
  { api_key: "phc_a", batch: [{ ...one, $token: "phc_b" }] },
  { api_key: "phc_a", batch: [inProperties("phc_b")] },
  { api_key: "phc_a", batch: [inProperties("phx_personal")] },
  { api_key: "phc_a", token: "phc_b", batch: [one] },
  { ...one, api_key: "phc_a", token: "phc_b" },
  { ...inProperties("phc_b"), api_key: "phc_a" },
]

const strangers: ReadonlyArray<readonly [string, string, unknown]> = [
  ["no token", "missing_api_key", one],
  ["a token that is no text", "missing_api_key", { ...one, api_key: 12 }],
  ["an empty one", "missing_api_key", { ...one, api_key: "" }],
  ["an inherited one", "missing_api_key", JSON.parse('{"event":"e","__proto__":{"api_key":"a"}}')],
  ["a personal key", "invalid_api_key", { ...one, api_key: "phx_a" }],
  [
    "tokens of two projects",
    "invalid_api_key",
    [
      { ...one, api_key: "phc_a" },
      { ...one, api_key: "phc_b" },
    ],
  ],
  ...mixed.map((body) => [`two tokens: ${JSON.stringify(body)}`, "invalid_api_key", body] as const),
]

describe("without one project's token nobody gets in", () => {
  it.each(strangers)("%s", async (_, code, body) => {
    const decoded = await decode({ body: JSON.stringify(body) })
    expect(Result.getFailure(decoded)).toMatchObject({ value: { status: 401, code } })
  })

  it("a form or a query beside the body", async () => {
    const data = new URLSearchParams({ data: json, api_key: "phc_b" }).toString()
    for (const given of [
      { body: json, query: "api_key=phc_b" },
      { body: data, type: form },
    ]) {
      expect(Result.getFailure(await decode(given))).toMatchObject({
        value: { status: 401, code: "invalid_api_key" },
      })
    }
  })
})

it("the client's clock is the body's, a form's or the query's, as it was given", async () => {
  const clock = async (given: Given) => Result.getOrThrow(await decode(given)).sentAt
  const dated = JSON.stringify({ ...event, sent_at: "2022-10-25" })
  expect(await clock({ body: dated, query: "_=1" })).toBe("2022-10-25")
  expect(await clock({ body: json, query: "_=1666699200123&sent_at=2" })).toBe("1666699200123")
  expect(await clock({ body: json, query: "sent_at=1666699200" })).toBe("1666699200")
  expect(await clock({ body: json, query: "sent_at=" })).toBeUndefined()
  const sent = new URLSearchParams({ data: json, sent_at: "3" }).toString()
  expect(await clock({ body: sent, type: form, query: "_=1" })).toBe("3")
})

const latin1 = (text: string) => Buffer.from(text, "latin1")

it.each<readonly [string, Given]>([
  ["as it is", { body: latin1('{"distinct_id":"Ren\xe9"}') }],
  ["in gzip", { body: gzipSync(latin1('{"distinct_id":"Ren\xe9"}')) }],
  ["in base64", { body: latin1('{"distinct_id":"Ren\xe9"}').toString("base64") }],
  ["in a form", { body: "data=%7B%22distinct_id%22%3A%22Ren%E9%22%7D", type: form }],
])(
  "bytes that are no UTF-8 are refused, %s: two ids never become one by a guess",
  async (_, given) => {
    const decoded = await decode(given)
    expect(Result.getFailure(decoded)).toMatchObject({
      value: { status: 400, detail: expect.stringContaining("expected UTF-8") },
    })
  },
)

it("the character that stands for what could not be read is one like any other", async () => {
  const body = JSON.stringify({ ...event, distinct_id: "Ren\ufffd" })
  expect(Result.getOrThrow(await decode({ body })).events).toMatchObject([
    { distinct_id: "Ren\ufffd" },
  ])
})
