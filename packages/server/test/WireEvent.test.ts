import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import type { Json, JsonObject } from "@onymous/identity/encoding/Json"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as WireEvent from "../src/capture/WireEvent.ts"

interface Options {
  readonly isEngage?: boolean
  readonly sentAt?: Json
  readonly rules?: "2022" | "today"
}

const decode = (
  events: ReadonlyArray<Json>,
  { isEngage = false, sentAt, rules = "2022" }: Options = {},
) =>
  WorkInTurns.atOnce(
    WireEvent.decodeAll(
      { token: "phc_a", events, sentAt, nameOf: (index) => `batch[${index}]` },
      isEngage,
      rules,
    ),
  )

const one = (event: JsonObject, options: Options = {}) => {
  const [incoming] = Result.getOrThrow(decode([event], options))
  if (incoming?.event._tag !== "Captured") throw new Error("no event")
  return { ...incoming.event, payload: JSON.parse(incoming.payload) }
}

const crab = "🦀"

const ids: ReadonlyArray<readonly [string, JsonObject, string]> = [
  ["top level", { distinct_id: "top" }, "top"],
  ["properties before it", { distinct_id: "top", properties: { distinct_id: "in" } }, "in"],
  [
    "$distinct_id before both",
    { $distinct_id: "dollar", distinct_id: "top", properties: { distinct_id: "in" } },
    "dollar",
  ],
  ["a number", { distinct_id: 3 }, "3"],
  ["a boolean", { distinct_id: true }, "true"],
  ["an object", { distinct_id: { a: 1 } }, "[object Object]"],
  ["201 characters", { distinct_id: "x".repeat(201) }, "x".repeat(200)],
  ["201 characters of two units", { distinct_id: crab.repeat(201) }, crab.repeat(200)],
  ["401 characters", { distinct_id: "x".repeat(401) }, "x".repeat(200)],
  ["NUL", { distinct_id: "a\0b" }, "a\uFFFDb"],
  ["a lone surrogate", { distinct_id: "a\uD800" }, "a\uFFFD"],
]

describe("the distinct id is the one that 2022 took", () => {
  it.each(ids)("%s", (_, event, id) => {
    expect(one({ event: "e", ...event })).toMatchObject({ distinctId: id })
  })
})

const idsToday: ReadonlyArray<readonly [string, JsonObject, string]> = [
  [
    "top level before all others",
    { $distinct_id: "dollar", distinct_id: "top", properties: { distinct_id: "in" } },
    "top",
  ],
  [
    "$distinct_id before properties",
    { $distinct_id: "dollar", properties: { distinct_id: "in" } },
    "dollar",
  ],
  ["properties last", { properties: { distinct_id: "in" } }, "in"],
  [
    "blank ones passed over",
    { distinct_id: " ", $distinct_id: null, properties: { distinct_id: "in" } },
    "in",
  ],
  ["zero", { distinct_id: 0, $distinct_id: "dollar" }, "0"],
  ["false", { distinct_id: false, $distinct_id: "dollar" }, "false"],
  ["201 characters", { distinct_id: "x".repeat(201) }, "x".repeat(200)],
]

describe("the distinct id is the one that PostHog takes today", () => {
  it.each(idsToday)("%s", (_, event, id) => {
    expect(one({ event: "e", ...event }, { rules: "today" })).toMatchObject({ distinctId: id })
  })
})

const wrongToday: ReadonlyArray<readonly [string, JsonObject, string]> = [
  ["null", { event: "e", distinct_id: null }, "distinct_id"],
  ["an empty id", { event: "e", distinct_id: "" }, "distinct_id"],
  ["white space", { event: "e", distinct_id: " \t\n" }, "distinct_id"],
  ["an empty list", { event: "e", distinct_id: [] }, "distinct_id"],
  [
    "blank wherever one may be",
    { event: "e", $distinct_id: "", properties: { distinct_id: " " } },
    "distinct_id",
  ],
  ["an empty event name", { event: "", distinct_id: "u" }, "event"],
  ["no event name", { distinct_id: "u" }, "event"],
]

describe("what is blank today refuses the batch", () => {
  it.each(wrongToday)("%s", (_, event, field) => {
    expect(Result.getFailure(decode([event], { rules: "today" }))).toMatchObject({
      value: { status: 400, detail: expect.stringContaining(`batch[0].${field}: expected`) },
    })
  })
})

const wrong: ReadonlyArray<readonly [string, Json, string]> = [
  ["no object", 3, "batch[1]: expected a JSON object"],
  ["null", null, "batch[1]: expected a JSON object"],
  ["no distinct id", { event: "e" }, "batch[1].distinct_id: expected a text that is not blank"],
  ["an empty one", { event: "e", distinct_id: "" }, "batch[1].distinct_id: expected"],
  ["a blank one", { event: "e", distinct_id: " \t" }, "batch[1].distinct_id: expected"],
  ["zero", { event: "e", distinct_id: 0 }, "batch[1].distinct_id: expected"],
  ["an empty list", { event: "e", distinct_id: [] }, "batch[1].distinct_id: expected"],
  ["no name", { distinct_id: "u" }, "batch[1].event: expected a name"],
  ["a name of null", { event: null, distinct_id: "u" }, "batch[1].event: expected a name"],
  ["properties", { event: "e", distinct_id: "u", properties: [] }, "batch[1].properties: expected"],
]

describe("one invalid event refuses the whole batch, by index and field", () => {
  it.each(wrong)("%s", (_, event, detail) => {
    const decoded = decode([{ event: "e", distinct_id: "u" }, event])
    expect(Result.getFailure(decoded)).toMatchObject({
      value: { status: 400, code: "invalid_payload", detail: expect.stringContaining(detail) },
    })
  })
})

it("an event of an empty name was skipped without a word in 2022", () => {
  expect(decode([{ event: "", distinct_id: "u" }])).toEqual(Result.succeed([]))
})

it("a uuid is kept, and made where there is none", () => {
  const uuid = "0190A0B0-0000-7000-8000-000000000001"
  expect(one({ event: "e", distinct_id: "u", uuid }).uuid).toBe(uuid.toLowerCase())
  for (const missing of [{}, { uuid: null }, { uuid: "" }]) {
    const made = one({ event: "e", distinct_id: "u", ...missing })
    expect(made.uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(made.facts.invalidUuid).toBeUndefined()
  }
})

it("an update of a person without a name is an identification, through its own door only", () => {
  const update = { $set: { $os: "Mac OS X" }, $distinct_id: 3 }
  expect(one(update, { isEngage: true })).toMatchObject({
    name: "$identify",
    distinctId: "3",
    facts: { set: { $os: "Mac OS X" } },
  })
  expect(Result.isFailure(decode([update]))).toBe(true)
})

it("the request's clock is each event's, but for one that brings its own", () => {
  const event = { event: "e", distinct_id: "u" }
  expect(one(event, { sentAt: "2022-10-25" }).sentAt).toBe("2022-10-25")
  expect(one({ ...event, sent_at: "2021-01-01" }, { sentAt: "2022-10-25" }).sentAt).toBe(
    "2021-01-01",
  )
})

const clocks: ReadonlyArray<readonly [string, Json, string | undefined, string | undefined]> = [
  ["milliseconds", "1666699200123", "2022-10-25T12:00:00.123Z", "2022-10-25T12:00:00.123Z"],
  ["seconds", "1666699200", "2022-10-25T12:00:00.000Z", undefined],
  ["ISO 8601", "2022-10-25", "2022-10-25", "2022-10-25"],
  [
    "years from now",
    "999999999999999",
    "+033658-09-27T01:46:39.999Z",
    "+033658-09-27T01:46:39.999Z",
  ],
  ["more digits than a time has", "9".repeat(16), "9".repeat(16), "9".repeat(16)],
  ["nothing", "", "", ""],
]

describe("digits of the request's clock are milliseconds, and in 2022 seconds too", () => {
  it.each(clocks)("%s", (_, sentAt, in2022, today) => {
    const event = { event: "e", distinct_id: "u" }
    expect(one(event, { sentAt }).sentAt).toBe(in2022)
    expect(one(event, { sentAt, rules: "today" }).sentAt).toBe(today)
  })
})

it("an event takes 1 MiB of JSON at most, without what the log does not keep", () => {
  const kept = JSON.stringify({ event: "e", distinct_id: "u", properties: { a: "" } }).length
  const sized = (length: number) => ({
    event: "e",
    distinct_id: "u",
    properties: { a: "x".repeat(length - kept), token: "phc_a" },
  })
  expect(Result.isSuccess(decode([sized(1_048_576)]))).toBe(true)
  expect(Result.getFailure(decode([sized(1_048_577)]))).toMatchObject({
    value: { status: 400, detail: "batch[0].event: expected at most 1048576 bytes of JSON" },
  })
})

it("the request's token stays out of the log; another property of that name is the client's", () => {
  const properties = (token: string) =>
    one({ event: "e", distinct_id: "u", api_key: "phc_a", properties: { token, a: 1 } }).payload
  expect(properties("phc_a")).not.toHaveProperty("api_key")
  expect(properties("phc_a").properties).toEqual({ a: 1 })
  expect(properties("mine").properties).toEqual({ a: 1, token: "mine" })
})

it("__proto__ is a property like any other", () => {
  const properties = JSON.parse('{"__proto__":{"a":1},"$set":{"__proto__":1}}')
  const { payload, facts } = one({ event: "e", distinct_id: "u", properties })
  expect(Object.keys(payload.properties)).toEqual(["__proto__", "$set"])
  expect(Object.keys(facts.set ?? {})).toEqual(["__proto__"])
})

it.each(["x", 1, {}])("the uuid %j spoils its own event alone", (uuid) => {
  const events = Result.getOrThrow(
    decode([
      { event: "e", distinct_id: "u" },
      { event: "e", distinct_id: "u", uuid },
    ]),
  )
  expect(events.map(({ event }) => event._tag === "Captured" && event.facts.invalidUuid)).toEqual([
    undefined,
    uuid,
  ])
})

it("a batch of very many is decoded in turns, between which others have theirs", () => {
  const events = Array.from({ length: 2001 }, () => ({ event: "e", distinct_id: "u" }))
  const batch = { token: "phc_a", events, sentAt: undefined, nameOf: () => "" }
  const turns = WireEvent.decodeAll(batch, false)
  let count = 0
  for (let turn = turns.next(); turn.done !== true; turn = turns.next()) count += 1
  expect(count).toBe(4)
  expect(Result.getOrThrow(decode(events))).toHaveLength(2001)
})
