import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { InvalidInput, Onymous, uuidOf } from "onymous"

const unbuffered = { database: "memory", policy: { buffer_enabled: false } }

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
    expect(first).toEqual({ position: expect.any(Number), uuid: event.uuid, isNew: true })
    await onymous.capture({ distinctId: "u", event: "in between" })
    expect(await onymous.capture(event)).toEqual({ ...first, isNew: false })
  })

  it("tells each event its own place and uuid, however many are captured at once", async () => {
    const captures = Array.from({ length: 500 }, (_, index) =>
      onymous.capture({
        distinctId: `crowd-${index}`,
        event: "$set",
        properties: { $set: { index } },
      }),
    )
    const recorded = await Promise.all(captures)
    expect(new Set(recorded.map(({ position }) => position)).size).toBe(500)
    const [some] = recorded.slice(250)
    await onymous.changePolicy({ buffer_enabled: true })
    const { log } = await onymous.history(["crowd-250"])
    const events = log.map(({ event, position }) => [event.uuid, position])
    expect(events).toContainEqual([some?.uuid, some?.position])
  })

  it("takes many events at once, in their order", async () => {
    const event = { distinctId: "u", event: "e" }
    const first = await onymous.capture(event)
    const again = { ...event, uuid: first.uuid }
    const all = await onymous.captureAll([event, again, event])
    const { position } = first
    expect(all.map((each) => each.position)).toEqual([position + 1, position, position + 2])
    expect(all.map(({ isNew }) => isNew)).toEqual([true, false, true])
    expect(await onymous.captureAll([])).toEqual([])
    const spoilt = onymous.captureAll([event, { ...event, distinctId: "" }])
    await expect(spoilt).rejects.toThrow("events[1].distinctId: expected")
    expect((await onymous.capture(event)).position).toBe(position + 3)
  })

  it("gives what has a key of its own the same uuid, and nothing else", () => {
    const uuid = uuidOf("ordered", 7)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect([uuidOf("ordered", "7"), uuidOf("ordered", 7n)]).toEqual([uuid, uuid])
    const others = [uuidOf("ordered", 70), uuidOf("ordered,7"), uuidOf("order", "ed7"), uuidOf("7")]
    expect(new Set([uuid, ...others]).size).toBe(5)
    expect(() => uuidOf()).toThrow("parts: expected texts or numbers, at least one")
    expect(() => uuidOf(Number.NaN)).toThrow("parts: expected texts or numbers, at least one")
    expect(() => uuidOf("ordered", 2 ** 53)).toThrow("parts[1]: expected a whole number up to")
    expect(uuidOf(2n ** 53n)).not.toBe(uuidOf(2n ** 53n + 1n))
  })

  it("refuses what is not an event by field, and writes nothing", async () => {
    const before = await onymous.capture({ distinctId: "u", event: "before" })
    const bad = [
      [{ distinctId: "", event: "e" }, "distinctId"],
      [{ distinctId: "u", event: "" }, "event"],
      [{ distinctId: "u", event: "e", uuid: "x" }, "uuid"],
    ] as const
    for (const [input, field] of bad) {
      const error = await onymous.capture(input).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(InvalidInput)
      expect(error).toMatchObject({ field })
    }
    const after = await onymous.capture({ distinctId: "u", event: "after" })
    expect(after.position).toBe(before.position + 1)
  })

  it("tells why a merge was refused", async () => {
    await onymous.identify({ distinctId: "bob", anonymousId: "alice" })
    await onymous.alias({ distinctId: "bob", alias: "null" })
    const warnings = await onymous.warnings()
    expect(warnings[0]?.remedy).toContain("anonymous")
    expect(warnings.map(({ type }) => type)).toEqual([
      "cannot_merge_already_identified",
      "cannot_merge_with_illegal_distinct_id",
    ])
  })

  it("gives the same answers after a rebuild, and after it was closed and opened again", async () => {
    const before = [await onymous.person("anon"), await onymous.warnings()]
    await onymous.rebuild()
    expect([await onymous.person("anon"), await onymous.warnings()]).toEqual(before)
    await onymous.close()
    onymous = await Onymous.open({ database: directory })
    expect([await onymous.person("anon"), await onymous.warnings()]).toEqual(before)
  })

  it("waits with what the page's buffer holds, and not where the policy says so", async () => {
    await onymous.capture({ distinctId: "unknown", event: "signed up" })
    expect(await onymous.person("unknown")).toBeUndefined()
    const waiting = await onymous.waiting()
    expect(waiting.map(({ distinctId }) => distinctId)).toContain("unknown")
    await onymous.changePolicy({ buffer_enabled: false })
    await onymous.capture({ distinctId: "known", event: "signed up" })
    expect(await onymous.person("known")).toMatchObject({ distinctIds: ["known"] })
    expect((await onymous.policy()).buffer_enabled).toBe(false)
  })

  it("keeps the rules of a project that has events, unless it is told to enforce others, once", async () => {
    await onymous.close()
    const options = { database: directory, project: "ruled" }
    onymous = await Onymous.open(options)
    const first = await onymous.capture({ distinctId: "known", event: "e" })
    for (const enforcePolicy of [false, true, true]) {
      await onymous.close()
      const policy = { buffer_enabled: false }
      onymous = await Onymous.open({ ...options, policy, enforcePolicy })
      expect((await onymous.policy()).buffer_enabled).toBe(!enforcePolicy)
    }
    const second = await onymous.capture({ distinctId: "known", event: "e" })
    expect(second.position).toBe(first.position + 2)
  })

  it("opens with a policy, which is recorded once", async () => {
    await onymous.close()
    const options = { database: directory, policy: { buffer_enabled: false } }
    onymous = await Onymous.open(options)
    const first = await onymous.capture({ distinctId: "known", event: "e" })
    await onymous.close()
    onymous = await Onymous.open(options)
    const second = await onymous.capture({ distinctId: "known", event: "e" })
    expect(second.position).toBe(first.position + 1)
  })

  it("does what an operator asks, and says who is not there", async () => {
    const by = { by: "ann", reason: "one customer" }
    await onymous.identify({ distinctId: "carol", anonymousId: "tablet" })
    await onymous.merge({ distinctId: "alice", source: "carol", ...by })
    expect((await onymous.person("tablet"))?.distinctIds).toContain("alice")
    await onymous.split({ distinctId: "alice", only: ["tablet"] })
    expect((await onymous.person("tablet"))?.distinctIds).toEqual(["tablet"])
    await onymous.edit({ distinctId: "tablet", set: { kind: "shared", old: 1 } })
    expect((await onymous.person("tablet"))?.properties).toEqual({ kind: "shared", old: 1 })
    const edited = await onymous.edit({ distinctId: "tablet", set: { new: 2 }, unset: ["old"] })
    expect((await onymous.person("tablet"))?.properties).toEqual({ kind: "shared", new: 2 })
    await onymous.retract({ eventUuid: edited.uuid, by: "ann", reason: "a slip" })
    expect((await onymous.person("tablet"))?.properties).toEqual({ kind: "shared", old: 1 })
    await onymous.deletePerson({ distinctId: "tablet" })
    expect(await onymous.person("tablet")).toBeUndefined()
    const absent = onymous.edit({ distinctId: "tablet", unset: ["kind"] })
    await expect(absent).rejects.toThrow("No person has the distinct id tablet.")
  })

  it("leaves out the project's own people where it is asked to", async () => {
    const internal_users = [
      { type: "person" as const, key: "email", operator: "not_icontains" as const, value: "@us" },
    ]
    await onymous.changePolicy({ internal_users })
    await onymous.identify({ distinctId: "me", anonymousId: "my-phone", set: { email: "me@us" } })
    const ids = async (filterInternal: boolean) =>
      (await onymous.persons({ filterInternal })).results.flatMap((person) => person.distinctIds)
    expect(await ids(false)).toContain("me")
    expect(await ids(true)).not.toContain("me")
  })

  it("answers as of a position, a time and a uuid, and says why", async () => {
    const past = await Onymous.open({ database: "memory" })
    const uuid = "00000000-0000-4000-8000-00000000000a"
    await past.capture({
      distinctId: "dora",
      event: "$identify",
      properties: { $anon_distinct_id: "phone", $set: { plan: "free" } },
      uuid,
    })
    const { position } = await past.identify({ distinctId: "dora", set: { plan: "pro" } })
    expect((await past.person("phone"))?.properties).toEqual({ plan: "pro" })
    for (const at of [position - 1, uuid, `${position - 1}`]) {
      expect((await past.person("phone", { at }))?.properties).toEqual({ plan: "free" })
    }
    expect(await past.person("phone", { at: new Date(0) })).toBeUndefined()
    await expect(past.person("phone", { at: "yesterday" })).rejects.toMatchObject({ field: "at" })
    const { isSame, chain } = await past.why("dora", "phone")
    expect(isSame).toBe(true)
    expect(chain.map(({ eventUuid }) => eventUuid)).toEqual([uuid])
    expect(await past.verify()).toMatchObject({ isOk: true, position })
    expect(await past.verify({ deep: true })).toMatchObject({ isOk: true, position })
    await past.close()
  })

  it("undoes a merge by a retraction, says before what that would change, and has it back", async () => {
    const home = await Onymous.open(unbuffered)
    const uuid = "00000000-0000-4000-8000-00000000000b"
    await home.capture({ distinctId: "tablet", event: "$pageview" })
    await home.capture({ distinctId: "eve", event: "$pageview" })
    await home.capture({
      distinctId: "eve",
      event: "$identify",
      properties: { $anon_distinct_id: "tablet" },
      uuid,
    })
    const { persons } = await home.whatIf({ without: [uuid] })
    expect(persons.map(({ change }) => change).toSorted()).toEqual(["born", "changed"])
    const because = { by: "ann", reason: "a shared tablet" }
    const retraction = await home.retract({ eventUuid: uuid, ...because })
    expect(await home.why("eve", "tablet")).toMatchObject({ isSame: false })
    const then = await home.why("eve", "tablet", { at: retraction.position - 1 })
    expect(then.isSame).toBe(true)
    expect((await home.history(["eve"])).effectiveAt().linksAt()).toEqual([])
    await home.retract({ eventUuid: retraction.uuid, ...because })
    expect((await home.person("tablet"))?.distinctIds).toEqual(["eve", "tablet"])
    await expect(home.retract({ eventUuid: uuid, by: "ann", reason: " " })).rejects.toMatchObject({
      field: "reason",
    })
    const unknown = "00000000-0000-4000-8000-0000000000ff"
    await expect(home.retract({ eventUuid: unknown, ...because })).rejects.toMatchObject({
      field: "eventUuid",
    })
    await home.close()
  })

  it("a what-if of one more event tells whom it would merge", async () => {
    const home = await Onymous.open(unbuffered)
    await home.identify({ distinctId: "eve", anonymousId: "phone" })
    await home.capture({ distinctId: "laptop", event: "$pageview" })
    const properties = { $anon_distinct_id: "laptop" }
    const { persons } = await home.whatIf({
      insert: [{ distinctId: "eve", event: "$identify", properties }],
    })
    expect(persons.flatMap(({ after }) => after?.distinctIds ?? [])).toEqual([
      "eve",
      "laptop",
      "phone",
    ])
    expect((await home.person("laptop"))?.distinctIds).toEqual(["laptop"])
    await home.close()
  })

  it("finishes the calls under way before it closes, and refuses those that come then", async () => {
    const directory = mkdtempSync(join(tmpdir(), "onymous-closing-"))
    const closing = await Onymous.open({ database: directory })
    const captures = Array.from({ length: 300 }, (_, index) =>
      closing.capture({ distinctId: "u", event: `e ${index}` }),
    )
    const question = closing.person("u")
    const closed = closing.close()
    await expect(closing.capture({ distinctId: "u", event: "late" })).rejects.toThrow("closed")
    const recorded = await Promise.all(captures)
    await question
    await closed
    const again = await Onymous.open({ database: directory })
    const next = await again.capture({ distinctId: "u", event: "after" })
    expect(next.position).toBe(recorded.length + 1)
    await again.close()
    rmSync(directory, { recursive: true, force: true })
  })

  it("refuses after it was closed, with an error", async () => {
    const closed = await Onymous.open({ database: "memory" })
    await closed.close()
    await expect(closed.person("a")).rejects.toThrow("closed")
  })

  it("says whose directory it is when a second one opens it", async () => {
    const error = await Onymous.open({ database: directory }).catch((reason: unknown) => reason)
    expect(String(error)).toContain(`process ${process.pid}`)
  })
})
