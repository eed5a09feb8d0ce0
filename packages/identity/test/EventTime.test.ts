import { describe, expect, it } from "@effect/vitest"
import { logOf, personOf, page, start } from "./pastLines.ts"
import * as EventTime from "../src/rules/EventTime.ts"
import * as IsoTime from "../src/encoding/IsoTime.ts"

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
  ])("%s is %s", (text, iso) => {
    expect(IsoTime.parse(text)).toBe(Date.parse(iso))
  })

  it.each(
    [
      ["", "yesterday", "1666699200", "2022-13-01", "2022-02-30", "2023-02-29", "2022-00-01"],
      ["2022-10-25T25:00", "2022-10-25T12:60", "25.10.2022", "2022-10-25T12:00:00+3"],
    ].flat(),
  )("%j is none", (text) => {
    expect(IsoTime.parse(text)).toBeUndefined()
  })
})

describe("when an event happened", () => {
  /** Milliseconds after the log took the event. */
  const offsetOf = (fields: object, properties: object = {}) => {
    const [recorded] = logOf([{ event: "seen", distinct_id: "ann", properties, ...fields }])
    if (recorded?.event._tag !== "Captured") throw new Error("not an event")
    return EventTime.of(recorded.event, recorded.recordedAt, "2022") - start
  }

  const minute = 60_000
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
    ["an unreadable timestamp: the offset", { timestamp: "now", offset: 2 }, -2],
    ["a year out of range: when the log took it", { offset: 1e300 }, 0],
  ])("%s", (_, fields, expected) => {
    expect(offsetOf(fields)).toBe(expected)
  })

  it("$ignore_sent_at leaves the timestamp as it is", () => {
    const fields = { timestamp, sent_at: "2022-10-25T11:02:00Z" }
    expect(offsetOf(fields, { $ignore_sent_at: true })).toBe(-60 * minute)
  })

  it("is the created_at of the person that the event makes", () => {
    const history = page({ event: "seen", distinct_id: "ann", timestamp })
    expect(personOf(history, "ann")?.createdAt).toBe(Date.parse(timestamp))
  })
})
