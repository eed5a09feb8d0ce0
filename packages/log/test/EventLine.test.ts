import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { Position } from "@onymous/identity/event/Position"
import * as EventLine from "../src/file/EventLine.ts"

const decoded = (text: string, number = 0) => Result.getOrThrow(EventLine.decodeLine(text, number))

const refused = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value)
  return Result.match(EventLine.decodeLine(text, 0), {
    onSuccess: ({ _tag }) => `taken as ${_tag}`,
    onFailure: ({ field, expected }) => `${field}: ${expected}`,
  })
}

/** A decoded line that can be recorded; a blank line fails the test. */
const recordable = (text: string, number = 0) => {
  const line = decoded(text, number)
  if (line._tag === "Blank") throw new Error("It is blank.")
  return line
}

/** Exports a line that was read, and reads it again elsewhere in another file. */
const again = (line: ReturnType<typeof recordable>) =>
  recordable(
    EventLine.encodeLine({ ...line.incoming, position: Position(1) }, line.project),
    1_000_000,
  )

const timeOf = (value: Record<string, unknown>, number = 0): string => {
  const text = JSON.stringify({ event: "e", distinct_id: "a", ...value })
  return new Date(recordable(text, number).incoming.recordedAt).toISOString()
}

const Text = Schema.Literals([
  "",
  "a",
  "é👩‍👩‍👧",
  "\0",
  "\ud800",
  "__proto__",
  "toString",
  "null",
  "x\ny",
])
const Scalar = Schema.Union([Text, Schema.Null, Schema.Boolean, Schema.Int, Schema.Finite])
const Value = Schema.Union([
  Scalar,
  Schema.Array(Scalar),
  Schema.Array(Schema.Tuple([Text, Scalar])),
])
const Key = Schema.Literals(["$set", "$set_once", "$unset", "alias", "$anon_distinct_id", "$lib"])
const Field = Schema.Literals(["timestamp", "sent_at", "offset", "uuid", "given_uuid", "$set"])
const Wire = Schema.Struct({
  event: Schema.Literals(["$identify", "$create_alias", "seen", "\ud800"]),
  distinct_id: Schema.Union([Schema.Literals(["a", "é\0", "x".repeat(400)]), Schema.Int]),
  properties: Schema.Array(Schema.Tuple([Schema.Union([Key, Text]), Value])),
  fields: Schema.Array(Schema.Tuple([Field, Value])),
})

/** Pairs that became an object keep keys such as `__proto__`. */
const lineOf = ({ event, distinct_id, properties, fields }: typeof Wire.Type): string =>
  JSON.stringify({
    ...Object.fromEntries(fields.map(([key, value]) => [key, objectOf(value)])),
    event,
    distinct_id,
    properties: Object.fromEntries(properties.map(([key, value]) => [key, objectOf(value)])),
  })

const objectOf = (value: typeof Value.Type): unknown =>
  Array.isArray(value) && value.every(Array.isArray) ? Object.fromEntries(value) : value

describe("EventLine", () => {
  it.prop("an event that is exported reads back as the same", [Wire], ([wire]) => {
    const line = recordable(lineOf(wire))
    expect(again(line)).toEqual({ ...line, timeField: "received_at" })
  })

  const Change = Schema.Struct({
    preset: Schema.Literals(["page", "posthog"]),
    illegal_ids_exact: Schema.Array(Text),
    quoted_ids_illegal: Schema.Boolean,
  })

  it.prop("so does a policy, by what it changes", [Change], ([policy]) => {
    const line = recordable(JSON.stringify({ policy, project: "b" }))
    expect(again(line)).toEqual({ ...line, timeField: "received_at" })
  })

  it.prop(
    "no text at all throws",
    [Schema.Union([Schema.String, Schema.fromJsonString(Schema.Json)])],
    ([value]) => {
      expect(() => refused(typeof value === "string" ? value : JSON.stringify(value))).not.toThrow()
    },
  )

  it("is an event under a uuid that is the same whenever the file is read", () => {
    const text = `{"event":"e","distinct_id":"a"}`
    expect(recordable(text, 3)).toEqual(recordable(text, 3))
    expect(recordable(text, 3).incoming.event.uuid).toBe("3dfd81e6-3d27-531a-9f48-fad38c428246")
    expect(recordable(text, 4).incoming.event.uuid).toBe("896fb5eb-3161-5f1f-8ce5-cb5baa323f07")
  })

  it("keeps the uuid under which an event with an invalid one was recorded", () => {
    const line = recordable(`{"event":"e","distinct_id":"a","uuid":"none"}`, 3)
    expect(line.incoming.event).toMatchObject({ facts: { invalidUuid: "none" } })
    expect(again(line).incoming.event).toEqual(line.incoming.event)
  })

  it("has the time of its received_at, else its timestamp, else its number in seconds", () => {
    const timestamp = "2020-01-01T00:00:00Z"
    expect(timeOf({ timestamp, received_at: "2021-01-01T00:00:00+01:00" })).toBe(
      "2020-12-31T23:00:00.000Z",
    )
    expect(timeOf({ timestamp }, 7)).toBe("2020-01-01T00:00:00.000Z")
    expect(timeOf({ timestamp: "yesterday" }, 7)).toBe("2022-10-25T12:00:07.000Z")
    expect(timeOf({}, 61)).toBe("2022-10-25T12:01:01.000Z")
    expect(timeOf({ timestamp: "9999-12-31T23:59:59-12:00" })).toBe("2022-10-25T12:00:00.000Z")
  })

  const split = { api: "persons.split", distinct_id: "a" }
  const policy = { policy: { buffer_enabled: false } }
  const tick = { advance_to: "2022-10-25T13:00:00Z" }
  const seen = { event: "e", distinct_id: "a" }

  it.each([
    [{ ...split, main_distinctid: "a" }, "main_distinctid: no such field"],
    [{ ...split, distinct_ids_to_spilt: ["b"] }, "distinct_ids_to_spilt: no such field"],
    [{ ...split, properties: {} }, "properties: no such field"],
    [{ ...policy, form: 3 }, "form: no such field"],
    [{ ...tick, distinct_id: "a" }, "distinct_id: no such field"],
    [{ ...policy, ...seen }, "event: none beside policy"],
    [{ ...tick, ...split }, "advance_to: none beside api"],
    [{ ...tick, ...policy }, "advance_to: none beside policy"],
    [{ ...split, ...seen }, "event: none beside api"],
  ])("drops nothing of %j", (line, expected) => {
    expect(refused(line)).toBe(expected)
  })

  it("may have what any line has, and an event what its client sent", () => {
    const shared = { project: "1", uuid: crypto.randomUUID(), timestamp: "2022-10-25T13:00:00Z" }
    const lines = [split, policy, tick, { ...seen, library: "x", main_distinctid: 3 }]
    for (const line of lines) {
      const text = JSON.stringify({ ...line, ...shared, received_at: "2022-10-25T14:00:00Z" })
      expect(recordable(text).incoming.event.uuid).toBe(shared.uuid)
    }
  })

  it("may be blank, a policy, an advance of time or a command", () => {
    expect(decoded(" \t")).toEqual({ _tag: "Blank" })
    expect(recordable(`{"policy":{"buffer_enabled":false},"project":7}`)).toMatchObject({
      project: "7",
      incoming: { event: { _tag: "PolicyChanged", change: { buffer_enabled: false } } },
    })
    expect(decoded(`{"advance_to":"2022-10-25T13:00:00Z"}`)).toMatchObject({
      _tag: "Tick",
      project: "A",
      incoming: { event: { _tag: "Ticked" }, recordedAt: Date.UTC(2022, 9, 25, 13) },
    })
    const body = { api: "persons.split", distinct_id: "a", main_distinct_id: "b" }
    expect(decoded(JSON.stringify(body))).toMatchObject({
      _tag: "Command",
      project: "A",
      incoming: { event: { _tag: "PersonSplit", distinctId: "a", mainDistinctId: "b" } },
    })
  })

  it.each([
    { advance_to: "2022-10-25T13:00:00.000Z" },
    { api: "persons.split", distinct_id: "a", distinct_ids_to_split: ["b"] },
    { api: "persons.delete", distinct_id: "a", by: "ann", reason: "asked for it" },
    { api: "persons.patch", distinct_id: "a", properties: { plan: null } },
    { api: "persons.delete_property", distinct_id: "a", $unset: ["plan"] },
    { api: "persons.merge", distinct_id: "a", alias: "b", by: "ann", reason: "one customer" },
  ])("what is no event is exported and read again, too: %j", (value) => {
    const line = recordable(JSON.stringify(value))
    expect(again(line).incoming.event).toEqual(line.incoming.event)
  })

  it("tells no time where it is a policy or a command, unless it says one", () => {
    const at = (value: object) => recordable(JSON.stringify(value), 7).incoming.recordedAt
    expect(at({ policy: {} })).toBe(0)
    expect(at({ policy: {}, received_at: "2020-01-01T00:00:00Z" })).toBe(Date.UTC(2020, 0))
    expect(at({ api: "persons.delete", distinct_id: "a" })).toBe(0)
  })

  it("is refused by the name of the field, with what was expected there", () => {
    expect(refused("{")).toBe("line: a JSON object")
    expect(refused([])).toBe("line: a JSON object")
    expect(refused({ event: "e" })).toBe("distinct_id: a text that is not empty")
    expect(refused({ event: "e", distinct_id: "a", received_at: "now" })).toBe(
      "received_at: an ISO 8601 time",
    )
    expect(refused({ event: "e", distinct_id: "a", project: {} })).toBe(
      "project: a text of 1 to 1000 bytes, without NUL",
    )
    expect(refused({ advance_to: 5 })).toBe("advance_to: an ISO 8601 time")
    expect(refused({ policy: { nonsense: 1 } })).toBe("policy.nonsense: no such field")
    expect(refused({ api: "persons.vanish" })).toContain("api: persons.split")
    expect(refused({ api: "persons.merge", distinct_id: "a", alias: "b" })).toBe("by: who merges")
  })

  it.each(["timestamp", "received_at", "advance_to", "api", "policy", "properties", "uuid"])(
    "is refused, not run out of stack on, where %s is very deep",
    (field) => {
      const deep = "[".repeat(100_000) + "]".repeat(100_000)
      const line = `{"event":"e","distinct_id":"a","${field}":${deep}}`
      expect(refused(line)).toBe("line: at most 128 levels of nesting")
    },
  )
})
