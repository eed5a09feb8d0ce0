import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { logOf, personOf, page, posthog, start } from "./pastLines.ts"
import * as EventTime from "../src/rules/EventTime.ts"
import * as ClientTime from "../src/encoding/ClientTime.ts"
import * as IsoTime from "../src/encoding/IsoTime.ts"

const minute = 60_000

describe("a text is read", () => {
  it.each([
    ["2022-10-25T12:00:00.123Z", "2022-10-25T12:00:00.123Z"],
    ["2022-10-25T12:00:00.123456789Z", "2022-10-25T12:00:00.123Z"],
    ["2022-10-25 12:00", "2022-10-25T12:00:00Z"],
    ["2022-10-25", "2022-10-25T00:00:00Z"],
    ["2022-10-25T12:00:00", "2022-10-25T12:00:00Z"],
    ["2022-10-25T12:00:00+03", "2022-10-25T09:00:00Z"],
    ["2022-10-25T12:00:00+0330", "2022-10-25T08:30:00Z"],
    ["2022-10-25T12:00:00-02:00", "2022-10-25T14:00:00Z"],
    ["2024-02-29T00:00:00z", "2024-02-29T00:00:00Z"],
    ["0099-01-01T00:00:00Z", "0099-01-01T00:00:00Z"],
    ["0000-02-29T00:00:00Z", "0000-02-29T00:00:00Z"],
    ["2022-10-25 12:00:00 UTC", "2022-10-25T12:00:00Z"],
    ["2022-10-25T24:00:00Z", "2022-10-26T00:00:00Z"],
  ])("%s is %s", (text, iso) => {
    expect(IsoTime.parse(text)).toBe(Date.parse(iso))
    expect(ClientTime.parse(text)).toBe(Date.parse(iso))
  })

  const instant = Schema.Int.check(Schema.isBetween({ minimum: -8.64e15, maximum: 8.64e15 }))

  it.prop("as Date reads it, for every instant that Date writes", [instant], ([time]) => {
    expect(IsoTime.parse(new Date(time).toISOString())).toBe(time)
  })

  it.each(
    [
      ["", "yesterday", "1666699200", "2022-13-01", "2022-02-30", "2023-02-29", "2022-00-01"],
      ["2022-10-25T25:00", "2022-10-25T12:60", "25.10.2022", "2022-10-25T12:00:00+3"],
      ["2022-10-25T12:00:60Z", "2022-10-25T23:59:60Z", "2022-10-25T12:00:00+24:00"],
      ["2022-10-25T24:00:00.001Z", "2022-10-25T12:00:00+01:60", "2022-02-29T12:00:00.000Z"],
    ].flat(),
  )("%j is none", (text) => {
    expect(IsoTime.parse(text)).toBeUndefined()
    expect(ClientTime.parse(text)).toBeUndefined()
  })
})

describe("a client's text", () => {
  it.each([
    ["RFC 2822", "Tue, 25 Oct 2022 14:00:00 +0200"],
    ["without a weekday and seconds", "25 Oct 2022 12:00 GMT"],
    ["with a zone by name", "Tue, 25 Oct 2022 07:00:00 CDT"],
    ["with a comment", "Tue, 25 Oct 2022 12:00:00 +0000 (UTC)"],
    [
      "a date as JavaScript writes it",
      "Tue Oct 25 2022 14:00:00 GMT+0200 (Central European Summer Time)",
    ],
    ["milliseconds", "1666699200000"],
    ["parts of a millisecond", "1666699200000.75"],
  ])("is read: %s", (_, text) => {
    expect(ClientTime.parse(text)).toBe(Date.parse("2022-10-25T12:00:00Z"))
  })

  it.each(
    [
      ["1666699200", "10/25/2022 12:00", "25/10/2022", "Oct 25, 2022", "Tue, 25 Oct 2022 12:00:00"],
      ["Tue, 25 Oct 22 12:00:00 GMT", "Tue, 32 Oct 2022 12:00:00 GMT", "1 Foo 2022 12:00:00 GMT"],
      ["12", "NaN", "Tue, 25 Oct 2022 12:00:60 GMT", "Tue, 25 Oct 2022 12:00:00 XYZ"],
    ].flat(),
  )("%j names no instant without doubt", (text) => {
    expect(ClientTime.parse(text)).toBeUndefined()
  })
})

describe("when an event happened", () => {
  /** Milliseconds after the log took the event. */
  const offsetOf = (fields: object, properties: object = {}, rules: "2022" | "today" = "2022") => {
    const [recorded] = logOf([{ event: "seen", distinct_id: "ann", properties, ...fields }])
    if (recorded?.event._tag !== "Captured") throw new Error("not an event")
    return EventTime.of(recorded.event, recorded.recordedAt, rules) - start
  }

  const timestamp = "2022-10-25T11:00:00Z"

  it.each([
    ["nothing is given: when the log took it", {}, 0],
    ["a timestamp: then", { timestamp }, -60 * minute],
    ["a timestamp far ahead: then", { timestamp: "2022-10-28T12:00:00Z" }, 72 * 60 * minute],
    [
      "sent_at beside it: as long before",
      { timestamp, sent_at: "2022-10-25T11:02:00Z" },
      -2 * minute,
    ],
    ["an unreadable sent_at: it is ignored", { timestamp, sent_at: "now" }, -60 * minute],
    ["an offset: so long before", { offset: 5 * minute }, -5 * minute],
    ["both: the timestamp wins", { timestamp, offset: 5 * minute }, -60 * minute],
    ["an unreadable timestamp: when the log took it", { timestamp: "now" }, 0],
    [
      "an unreadable timestamp beside an offset: when the log took it",
      { timestamp: "now", offset: 2 },
      0,
    ],
    ["an empty timestamp beside an offset: so long before", { timestamp: "", offset: 2 }, -2],
    ["milliseconds as a number: then", { timestamp: start - minute }, -minute],
    ["a year out of range: when the log took it", { offset: 1e300 }, 0],
  ])("%s", (_, fields, expected) => {
    expect(offsetOf(fields)).toBe(expected)
  })

  const sentLate = { timestamp, sent_at: "2022-10-25T11:02:00Z" }

  it.each([true, 1, "yes"])("$ignore_sent_at: %j was not known in 2022", (flag) => {
    expect(offsetOf(sentLate, { $ignore_sent_at: flag })).toBe(-2 * minute)
  })

  it.each([
    [true, -60],
    [1, -2],
    ["yes", -2],
  ])(
    "$ignore_sent_at: %j leaves the timestamp as it is today only where it is true",
    (flag, minutes) => {
      expect(offsetOf(sentLate, { $ignore_sent_at: flag }, "today")).toBe(minutes * minute)
    },
  )

  it.each(["page", "posthog"] as const)(
    "a field that names no instant is warned of under %s",
    (preset) => {
      const { warnings } = { page, posthog }[preset]({
        event: "seen",
        distinct_id: "ann",
        timestamp: "yesterday",
        sent_at: "10/25/2022",
      })
      expect(warnings.map(({ type, details }) => [type, details["field"]])).toEqual([
        ["ignored_invalid_timestamp", "timestamp"],
        ["ignored_invalid_timestamp", "sent_at"],
      ])
    },
  )

  it("a warning comes also with an event that changes nothing", () => {
    const event = { event: "seen", distinct_id: "ann" }
    const { warnings } = page(event, { ...event, timestamp: "yesterday" })
    expect(warnings.map(({ type }) => type)).toEqual(["ignored_invalid_timestamp"])
  })

  it("is the created_at of the person that the event makes", () => {
    const history = page({ event: "seen", distinct_id: "ann", timestamp })
    expect(personOf(history, "ann")?.createdAt).toBe(Date.parse(timestamp))
  })
})
