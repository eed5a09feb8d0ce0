import { describe, expect, it } from "@effect/vitest"
import * as Presets from "../src/policy/Presets.ts"
import { historyOf, identify, logOf, page, personOf, posthog, seen } from "./pastLines.ts"

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

  describe("a merged person", () => {
    const sets = [1, 2, 3].map((a) => seen("dev", { $set: { a } }))

    it("has the version after the target's, whatever that of the source", () => {
      const events = [...sets, seen("ann"), identify("ann", "dev")]
      expect(versionOf(page(...events), "ann")).toBe(1)
      expect(versionOf(posthog(...events), "ann")).toBe(1)
    })

    it("keeps the target's version under posthog where the merge changes nothing else of it", () => {
      const events = [identify("ann", "first"), seen("dev"), identify("ann", "dev")]
      expect(versionOf(page(...events), "ann")).toBe(1)
      expect(versionOf(posthog(...events), "ann")).toBe(0)
      const older = [seen("dev"), identify("ann", "first"), identify("ann", "dev")]
      expect(versionOf(posthog(...older), "ann")).toBe(1)
    })

    it("has the version after the higher one where the policy says so", () => {
      const events = [...sets, seen("ann"), identify("ann", "dev")]
      const policy = { ...Presets.posthog, merged_version: "highest" as const }
      expect(versionOf(historyOf(logOf(events), policy), "ann")).toBe(3)
    })
  })
})

it("created_at is the creating event's, and no earlier event lowers it", () => {
  const at = (timestamp: string) => ({ ...seen("ann"), timestamp })
  const history = page(at("2020-02-02T00:00:00Z"), at("2019-01-01T00:00:00Z"))
  expect(personOf(history, "ann")?.createdAt).toBe(Date.parse("2020-02-02T00:00:00Z"))
})
