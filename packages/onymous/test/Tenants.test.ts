import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { InvalidInput, Onymous, OnymousError } from "onymous"

const unbuffered = { policy: { buffer_enabled: false } }

/** The error with which a promise rejects. */
const errorIn = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "nothing was rejected",
    (error: unknown) => error,
  )

describe("many projects on one database", () => {
  let onymous: Onymous
  beforeAll(async () => {
    onymous = await Onymous.open({ database: "memory", ...unbuffered })
  })
  afterAll(() => onymous.close())

  it("have persons of their own, and each is made by its first call", async () => {
    const names = Array.from({ length: 12 }, (_, index) => `tenant-${index}`)
    for (const name of names) {
      const tenant = onymous.project(name, unbuffered)
      await tenant.identify({ distinctId: "ann", anonymousId: `phone of ${name}` })
    }
    for (const name of names) {
      expect(await onymous.project(name).person("ann")).toMatchObject({
        distinctIds: ["ann", `phone of ${name}`],
      })
    }
    expect(await onymous.person("ann")).toBeUndefined()
    const heads = names.map((project) => ({ project, head: 2 }))
    expect(await onymous.projects()).toEqual(
      [{ project: "1", head: 1 }, ...heads].toSorted((a, b) => (a.project < b.project ? -1 : 1)),
    )
  })

  it("read the writes of each other's handles of the same project", async () => {
    await onymous.project("shared", unbuffered).capture({ distinctId: "bob", event: "e" })
    expect(await onymous.project("shared").person("bob")).toMatchObject({ distinctIds: ["bob"] })
  })

  it("get their rules once, and keep them afterwards", async () => {
    const first = onymous.project("ruled", { policy: { buffer_enabled: false } })
    expect((await first.policy()).buffer_enabled).toBe(false)
    const later = onymous.project("ruled", { policy: { buffer_enabled: true } })
    expect((await later.policy()).buffer_enabled).toBe(false)
  })

  it("stay open when one of them is closed", async () => {
    {
      await using tenant = onymous.project("brief")
      await tenant.capture({ distinctId: "a", event: "e" })
    }
    expect(await onymous.project("brief").status()).toMatchObject({ head: 1 })
  })

  it("are refused by an id that is none, at once", () => {
    expect(() => onymous.project("")).toThrow(InvalidInput)
    expect(() => Reflect.apply(onymous.project, onymous, ["a", { polcy: {} }])).toThrow("polcy")
  })
})

describe("every call", () => {
  let onymous: Onymous
  beforeAll(async () => {
    onymous = await Onymous.open({ database: "memory", ...unbuffered })
  })
  afterAll(() => onymous.close())

  const because = { by: "ann", reason: "a slip" }
  const signal = AbortSignal.abort(new Error("the request is gone"))
  const calls: ReadonlyArray<readonly [string, (options: object) => Promise<unknown>]> = [
    ["capture", (options) => onymous.capture({ distinctId: "a", event: "e" }, options)],
    ["captureAll", (options) => onymous.captureAll([], options)],
    ["identify", (options) => onymous.identify({ distinctId: "a" }, options)],
    ["alias", (options) => onymous.alias({ distinctId: "a", alias: "b" }, options)],
    ["split", (options) => onymous.split({ distinctId: "a" }, options)],
    ["merge", (options) => onymous.merge({ distinctId: "a", source: "b", ...because }, options)],
    ["edit", (options) => onymous.edit({ distinctId: "a", set: { a: 1 } }, options)],
    ["deletePerson", (options) => onymous.deletePerson({ distinctId: "a" }, options)],
    ["changePolicy", (options) => onymous.changePolicy({ buffer_enabled: true }, options)],
    ["retract", (options) => onymous.retract({ eventUuid: "x", ...because }, options)],
    ["person", (options) => onymous.person("a", options)],
    ["persons", (options) => onymous.persons(options)],
    ["events", (options) => onymous.events(options)],
    ["waiting", (options) => onymous.waiting(options)],
    ["operations", (options) => onymous.operations(options)],
    ["warnings", (options) => onymous.warnings(options)],
    ["policy", (options) => onymous.policy(options)],
    ["projects", (options) => onymous.projects(options)],
    ["status", (options) => onymous.status(options)],
    ["why", (options) => onymous.why("a", "b", options)],
    ["undo", (options) => onymous.undo("a", "b", options)],
    ["culprits", (options) => onymous.culprits("a", options)],
    ["property", (options) => onymous.property("a", "plan", options)],
    ["story", (options) => onymous.story("a", options)],
    ["trace", (options) => onymous.trace(1, options)],
    ["firstNamed", (options) => onymous.firstNamed("a", options)],
    ["diff", (options) => onymous.diff({ from: 0, ...options })],
    ["bisect", (options) => onymous.bisect("same a b", options)],
    ["whatIf", (options) => onymous.whatIf(options)],
    ["previewRetraction", (options) => onymous.previewRetraction("x", options)],
    ["history", (options) => onymous.history(["a"], options)],
    ["verify", (options) => onymous.verify(options)],
    ["rebuild", (options) => onymous.rebuild(options)],
    ["rebuildAll", (options) => onymous.rebuildAll(options)],
  ]

  it("is in this list", () => {
    const others = ["constructor", "project", "posthog", "statement", "close"]
    const methods = Object.getOwnPropertyNames(Onymous.prototype)
    expect(calls.map(([name]) => name).toSorted()).toEqual(
      methods.filter((name) => !others.includes(name)).toSorted(),
    )
  })

  it.each(calls)("%s ends with a signal, and refuses what is none", async (_, call) => {
    expect(await errorIn(call({ signal }))).toBe(signal.reason)
    expect(await errorIn(call({ signal: "now" }))).toMatchObject({ field: "signal" })
  })

  it.each(calls)("%s refuses a limit that is none", async (_, call) => {
    expect(await errorIn(call({ timeout: 0 }))).toMatchObject({ field: "timeout" })
  })

  it("ends at its limit with a code, and what was to be written may be there", async () => {
    const late = { minPosition: 1_000_000, timeout: 1 }
    expect(await errorIn(onymous.person("a", late))).toMatchObject({
      code: "timeout",
      isRetryable: true,
      isRecorded: false,
    })
    const sent = new OnymousError({ code: "timeout", message: "It was late." }).ofWrite()
    expect(sent).toMatchObject({ code: "timeout", isRecorded: "unknown" })
    expect(JSON.parse(JSON.stringify(sent))).toMatchObject({ isRecorded: "unknown" })
  })

  it("that asks may wait for what another one has written", async () => {
    const { position } = await onymous.capture({ distinctId: "carol", event: "e" })
    expect(await onymous.person("carol", { minPosition: position })).toBeDefined()
    expect(await onymous.person("carol", { minPosition: "head" })).toBeDefined()
    expect(await errorIn(onymous.person("carol", { minPosition: -1 }))).toMatchObject({
      field: "minPosition",
    })
  })
})

describe("captureAll", () => {
  it("takes all events in their order, each at its own place, or none", async () => {
    await using onymous = await Onymous.open({ database: "memory", ...unbuffered })
    const uuid = "00000000-0000-4000-8000-000000000001"
    const places = await onymous.captureAll([
      { distinctId: "a", event: "one" },
      { distinctId: "b", event: "two", uuid },
      { distinctId: "b", event: "two again", uuid },
    ])
    const own = expect.any(String)
    const first = places[0]?.position ?? 0
    expect(places).toEqual([
      { position: first, uuid: own, isNew: true },
      { position: first + 1, uuid, isNew: true },
      { position: first + 1, uuid, isNew: false },
    ])
    const { head } = await onymous.status()
    const bad = [
      { distinctId: "c", event: "e" },
      { distinctId: "", event: "e" },
    ]
    expect(await errorIn(onymous.captureAll(bad))).toMatchObject({ field: "events[1].distinctId" })
    expect((await onymous.status()).head).toBe(head)
    expect(await onymous.captureAll([])).toEqual([])
  })
})

it("an error of another copy of the library is known as one", () => {
  const other = { [Symbol.for("onymous/OnymousError")]: true, code: "closed" }
  expect(OnymousError.is(other)).toBe(true)
  expect(OnymousError.is(other, "closed")).toBe(true)
  expect(OnymousError.is(other, "failed")).toBe(false)
  expect(OnymousError.is(new Error("closed"))).toBe(false)
})

it("a logger hears what the library says, and nobody else does", async () => {
  const told: Array<readonly [string, string]> = []
  const hear = (level: string) => (_: object, message: string) => void told.push([level, message])
  const logger = { info: hear("info"), warn: hear("warn"), error: hear("error") }
  await using onymous = await Onymous.open({ database: "memory", logger, ...unbuffered })
  const posthog = onymous.posthog()
  posthog.capture({ distinctId: "", event: "e" })
  await posthog.flush()
  await expect.poll(() => told).toHaveLength(1)
  expect(told[0]).toEqual(["error", expect.stringContaining("distinctId: expected")])
})

it("a logger that throws ends nothing, and one of a closed library still hears", async () => {
  const told: Array<string> = []
  const fail = (): never => {
    throw new Error("sink")
  }
  const error = (_: object, message: string) => void told.push(message)
  const onymous = await Onymous.open({
    database: "memory",
    logger: { info: fail, warn: fail, error },
    ...unbuffered,
  })
  await onymous.capture({ distinctId: "a", event: "e" })
  const other = onymous.project("1", { policy: { buffer_enabled: true } })
  expect((await other.capture({ distinctId: "a", event: "e" })).position).toBe(3)
  const posthog = onymous.posthog()
  await onymous.close()
  posthog.capture({ distinctId: "a", event: "lost" })
  await posthog.flush()
  expect(told).toEqual(["An event was not captured: This Onymous is closed."])
})
