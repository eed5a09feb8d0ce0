import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as OperatorCommand from "../src/event/OperatorCommand.ts"
import * as EventDecoder from "../src/event/EventDecoder.ts"
import * as Json from "../src/encoding/Json.ts"

const made = "01840000-0000-7000-8000-000000000000"

const decode = (value: unknown) => EventDecoder.decode(value, () => made)

const eventOf = (value: unknown) => Result.getOrThrow(decode(value)).event

const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? { a: value } : [value]
  return value
}

describe("what is refused at the door, by its field", () => {
  const anEvent = { event: "seen", distinct_id: "ann" }

  it.each([
    ["event", "no object", "text"],
    ["event", "null", null],
    ["event", "an array", [anEvent]],
    ["event", "no name", { distinct_id: "ann" }],
    ["event", "an empty name", { event: "", distinct_id: "ann" }],
    ["event", "129 levels", { ...anEvent, properties: deep(128) }],
    ["event", "10,000 levels", { ...anEvent, properties: { a: deep(10_000) } }],
    ["distinct_id", "no id", { event: "seen" }],
    ["distinct_id", "a null id", { event: "seen", distinct_id: null }],
    ["distinct_id", "an empty id", { event: "seen", distinct_id: "" }],
    ["properties", "properties that are no object", { ...anEvent, properties: [] }],
  ])("%s: %s", (field, _, value) => {
    const refusal = Result.match(decode(value), {
      onFailure: (invalid) => invalid.field,
      onSuccess: () => "taken",
    })
    expect(refusal).toBe(field)
  })
})

describe("what is taken", () => {
  it("an odd name and 128 levels", () => {
    const event = eventOf({ event: 7, distinct_id: "x", properties: deep(127) })
    expect(event).toMatchObject({ name: "7", distinctId: "x" })
  })

  it("an id of more than 200 characters, cut alike wherever it stands", () => {
    const face = "\u{1f600}"
    for (const [event, key] of [
      ["$identify", "$anon_distinct_id"],
      ["$create_alias", "alias"],
    ] as const) {
      const properties = { [key]: face.repeat(201) }
      expect(eventOf({ event, distinct_id: face.repeat(300), properties })).toMatchObject({
        distinctId: face.repeat(200),
        source: face.repeat(200),
      })
    }
    const merge = { api: "persons.merge", distinct_id: "x".repeat(201), alias: "y".repeat(201) }
    const said = OperatorCommand.decode({ ...merge, by: "ann", reason: "a test" }, made)
    expect(said).toMatchObject({
      success: { distinctId: "x".repeat(200), source: "y".repeat(200) },
    })
  })

  it.each([
    "01840000000070008000000000000009",
    "{01840000-0000-7000-8000-000000000009}",
    "URN:UUID:01840000-0000-7000-8000-000000000009",
    "01840000-0000-7000-8000-000000000009",
  ])("the uuid %s, with hyphens", (uuid) => {
    const event = eventOf({ event: "seen", distinct_id: "a", uuid })
    expect(event).toMatchObject({ uuid: "01840000-0000-7000-8000-000000000009", facts: {} })
    expect(event).not.toHaveProperty("facts.invalidUuid")
  })

  it("an id that is no text, as JavaScript's String gives it", () => {
    const idOf = (distinct_id: unknown) => eventOf({ event: "seen", distinct_id })
    expect(idOf(42)).toMatchObject({ distinctId: "42" })
    expect(idOf([1, [null, "a"]])).toMatchObject({ distinctId: "1,,a" })
    expect(idOf({ toString: 1 })).toMatchObject({ distinctId: "[object Object]" })
  })

  it("NUL and lone surrogates, as U+FFFD, in ids, keys and values alike", () => {
    const properties = { $set: { "k\0": ["v\ud800"] }, $anon_distinct_id: "\udc00" }
    const event = eventOf({ event: "$identify", distinct_id: "a\0", properties })
    expect(event).toMatchObject({ distinctId: "a\ufffd", source: "\ufffd" })
    expect(event).toMatchObject({ facts: { set: { "k\ufffd": ["v\ufffd"] } } })
  })

  it("a name of more than 200 characters, cut", () => {
    expect(eventOf({ event: "x".repeat(201), distinct_id: "ann" })).toMatchObject({
      name: "x".repeat(200),
    })
  })
})

describe("uuids", () => {
  const uuidOf = (uuid: unknown) => eventOf({ event: "seen", distinct_id: "ann", uuid })

  it("a valid one is kept, in lower case", () => {
    const uuid = "0184ABCD-0000-7000-8000-000000000001"
    expect(uuidOf(uuid)).toMatchObject({ uuid: uuid.toLowerCase(), facts: {} })
  })

  it("where there is none, one is made; an invalid one is remembered", () => {
    expect(uuidOf(undefined)).toEqual(uuidOf(null))
    expect(uuidOf(null)).toMatchObject({ uuid: made, facts: {} })
    expect(uuidOf("x")).toMatchObject({ uuid: made, facts: { invalidUuid: "x" } })
  })
})

describe("what is kept of an event beside its payload", () => {
  const kept = (value: object) => eventOf({ event: "seen", distinct_id: "ann", ...value })

  it.each([
    ["no uuid", { uuid: "y".repeat(1_000_000) }],
    ["a list as uuid", { uuid: ["y".repeat(1_000_000)] }],
    ["no timestamp", { timestamp: "y".repeat(1_000_000) }],
    ["no sent_at", { sent_at: "y".repeat(1_000_000) }],
  ])("is short for %s of a million characters", (_, value) => {
    expect(JSON.stringify(kept(value)).length).toBeLessThan(500)
  })

  it.each([
    `2022-10-25T12:00:00Z${" ".repeat(250)}`,
    `1666699200000.${"0".repeat(250)}`,
    `Tue Oct 25 2022 14:00:00 GMT+0200 (${"x".repeat(250)})`,
  ])("is the same time, however long its text is: %s", (text) => {
    expect(kept({ timestamp: text, sent_at: text })).toMatchObject({
      timestamp: "2022-10-25T12:00:00.000Z",
      sentAt: "2022-10-25T12:00:00.000Z",
    })
  })

  it("is the same again where the cut uuid comes back from an export", () => {
    const { facts } = Object.assign({ facts: {} }, kept({ uuid: "y".repeat(1000) }))
    const uuid: unknown = Object.values(facts)[0]
    expect(kept({ uuid })).toMatchObject({ facts: { invalidUuid: uuid } })
  })

  it("a library's name is never cut within a character", () => {
    const event = kept({ properties: { $lib: `${"l".repeat(199)}😀` } })
    expect(event).toMatchObject({ facts: { lib: `${"l".repeat(199)}\uFFFD` } })
  })
})

it("the payload is the event as JSON text that decodes to the same event", () => {
  const wire = {
    event: "$identify",
    distinct_id: "ann",
    timestamp: "2022-10-25T12:00:00Z",
    offset: 5,
    properties: { $anon_distinct_id: "dev", plain: { a: [1, null] }, ["__proto__"]: 1 },
    $set: { a: 1 },
  }
  const { event, payload } = Result.getOrThrow(decode(wire))
  const read: unknown = JSON.parse(payload)
  expect(Json.isObject(read) && Json.equals(read, JSON.parse(JSON.stringify(wire)))).toBe(true)
  expect(eventOf(read)).toEqual(event)
})
