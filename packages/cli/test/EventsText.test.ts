import { expect, it } from "vitest"
import { eventsText } from "../src/output/EventsText.ts"
import { widthOf } from "../src/output/TextWrap.ts"

const page: Parameters<typeof eventsText>[0] = {
  results: [
    {
      position: 12_345_678,
      event_uuid: "00000000-0000-4000-8000-000000000003",
      event: "a purchase that was completed in the shop",
      distinct_id: "somebody-with-a-long-name@example.com",
      properties: {},
      waiting: null,
      received_at: "2022-10-25T12:00:00.000Z",
      timestamp: "2022-10-25T12:00:00.000Z",
      status: "attributed",
      person_id: "5b1b9a1c-6b0a-5a3e-9d1f-2f7f0b8f8c11",
      stamped_person_id: "5b1b9a1c-6b0a-5a3e-9d1f-2f7f0b8f8c11",
    },
  ],
  next: null,
  position: 12_345_678,
}

it("events on 80 columns have their time; what became of them has no room first", () => {
  const lines = eventsText(page, 80)
  expect(lines.filter((line) => widthOf(line) > 80)).toEqual([])
  expect(lines.join("\n")).toContain("2022-10-25T12:00:00Z")
  expect(lines.at(-1)).toBe("(No room for STATUS; --json has all.)")
})

it("events have all their columns where there is room, and in a file or a pipe", () => {
  for (const width of [160, undefined]) {
    expect(eventsText(page, width)[0]).toMatch(
      /^POSITION +TIME +EVENT +DISTINCT ID +STATUS +PERSON$/,
    )
  }
})
