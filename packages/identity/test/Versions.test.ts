import { describe, expect, it } from "@effect/vitest"
import { identify, page, personOf, posthog, seen } from "./pastLines.ts"

const versionOf = (history: ReturnType<typeof page>, id: string) => personOf(history, id)?.version

describe("versions", () => {
  it("a new person has version 0, whatever the event does", () => {
    expect(versionOf(page(identify("ann", "dev", { $set: { a: 1 } })), "ann")).toBe(0)
  })

  it("an event that changes nothing gives no change at all", () => {
    const history = page(seen("ann", { $set: { a: 1 } }), seen("ann", { $set: { a: 1 } }))
    expect(history.last).toEqual([])
  })

  it("an event that changes much gives one new version", () => {
    const much = identify("ann", "dev", { $set_once: { a: 1 }, $set: { b: 1 }, $unset: ["c"] })
    expect(versionOf(page(seen("ann", { $set: { c: 1 } }), much), "ann")).toBe(1)
  })

  it("being identified is a change; being it again is none", () => {
    const twice = [seen("ann"), identify("ann", "dev"), identify("ann", "dev")]
    expect(versionOf(page(...twice), "ann")).toBe(1)
  })

  it("a merged person follows the target's version under page, the higher one under posthog", () => {
    const sets = [1, 2, 3].map((a) => seen("dev", { $set: { a } }))
    const events = [...sets, seen("ann"), identify("ann", "dev")]
    expect(versionOf(page(...events), "ann")).toBe(1)
    expect(versionOf(posthog(...events), "ann")).toBe(3)
  })
})

it("created_at is the creating event's, and no earlier event lowers it", () => {
  const at = (timestamp: string) => ({ ...seen("ann"), timestamp })
  const history = page(at("2020-02-02T00:00:00Z"), at("2019-01-01T00:00:00Z"))
  expect(personOf(history, "ann")?.createdAt).toBe(Date.parse("2020-02-02T00:00:00Z"))
})
