import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { InvalidEvent, Onymous } from "onymous"

describe("the library on a directory", () => {
  let directory = ""
  let onymous: Onymous
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "onymous-library-"))
    onymous = await Onymous.open({ database: directory })
  })
  afterAll(async () => {
    await onymous.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it("reads its own writes", async () => {
    await onymous.identify({ distinctId: "alice", anonymousId: "anon", set: { plan: "pro" } })
    const person = await onymous.person("anon")
    expect(person).toMatchObject({
      distinctIds: ["alice", "anon"],
      properties: { plan: "pro" },
      isIdentified: true,
    })
    expect(await onymous.person("nobody")).toBeUndefined()
  })

  it("takes an event once, whoever sends it again", async () => {
    const event = { distinctId: "u", event: "e", uuid: "00000000-0000-4000-8000-000000000001" }
    const first = await onymous.capture(event)
    expect(await onymous.capture(event)).toEqual(first)
  })

  it("refuses what is not an event by field, and writes nothing", async () => {
    const before = await onymous.capture({ distinctId: "u", event: "before" })
    const bad = [
      [{ distinctId: "", event: "e" }, "distinct_id"],
      [{ distinctId: "u", event: "" }, "event"],
      [{ distinctId: "u", event: "e", uuid: "x" }, "uuid"],
      [{ distinctId: "x".repeat(2001), event: "e" }, "distinct_id"],
    ] as const
    for (const [input, field] of bad) {
      const error = await onymous.capture(input).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(InvalidEvent)
      expect(error).toMatchObject({ field })
    }
    const after = await onymous.capture({ distinctId: "u", event: "after" })
    expect(after.position).toBe(before.position + 1)
  })

  it("tells why a merge was refused", async () => {
    await onymous.identify({ distinctId: "bob", anonymousId: "alice" })
    await onymous.alias({ distinctId: "bob", alias: "null" })
    const warnings = await onymous.warnings()
    expect(warnings.map(({ type }) => type)).toEqual([
      "cannot_merge_already_identified",
      "cannot_merge_with_illegal_distinct_id",
    ])
  })

  it("gives the same answers after a rebuild, and after it was closed and opened again", async () => {
    const before = [await onymous.person("anon"), await onymous.warnings()]
    const seen: Array<number> = []
    await onymous.rebuild(({ position }) => seen.push(position))
    expect(seen.at(-1)).toBeGreaterThan(0)
    expect([await onymous.person("anon"), await onymous.warnings()]).toEqual(before)
    await onymous.close()
    onymous = await Onymous.open({ database: directory })
    expect([await onymous.person("anon"), await onymous.warnings()]).toEqual(before)
  })

  it("says whose directory it is when a second one opens it", async () => {
    const error = await Onymous.open({ database: directory }).catch((reason: unknown) => reason)
    expect(String(error)).toContain(`process ${process.pid}`)
  })
})
