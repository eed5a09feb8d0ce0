import { describe, expect, it } from "@effect/vitest"
import * as ChangedPolicy from "../src/policy/ChangedPolicy.ts"
import {
  groupsOf,
  historyOf,
  identify,
  logOf,
  page,
  pageUnbuffered,
  personOf,
  posthog,
  propertiesOf,
  record,
  seen,
  typesOf,
} from "./pastLines.ts"

const set = (properties: object, id = "ann") => seen(id, { $set: properties })

const setOnce = (properties: object) => seen("ann", { $set_once: properties })

const unset = ($unset: unknown) => seen("ann", { $unset })

const annOf = (...events: ReadonlyArray<unknown>) => propertiesOf(page(...events), "ann")

const annToday = (...events: ReadonlyArray<unknown>) => propertiesOf(posthog(...events), "ann")

describe("operations", () => {
  it("on a new person, $set goes over $set_once", () => {
    const both = seen("ann", { $set_once: { a: 1, b: 1 }, $set: { b: 2 } })
    expect(annOf(both)).toEqual({ a: 1, b: 2 })
  })

  it("$set replaces a value, and replaces it whole", () => {
    expect(annOf(set({ a: { x: 1 } }), set({ a: { y: 2 } }))).toEqual({ a: { y: 2 } })
  })

  it.each([null, 0, "", false])("%j is a value: it is kept, and blocks $set_once", (value) => {
    expect(annOf(set({ a: value }), setOnce({ a: 1, b: 1 }))).toEqual({ a: value, b: 1 })
  })

  it("order is log order, whatever the timestamps say", () => {
    const late = { ...set({ a: "late" }), timestamp: "2022-10-25T18:00:00Z" }
    const early = { ...set({ a: "early" }), timestamp: "2022-10-25T06:00:00Z" }
    expect(annOf(late, early)).toEqual({ a: "early" })
  })

  it("the top level goes over the nested one, key by key, for $set and $set_once", () => {
    const nested = seen("ann", { $set: { a: 1, b: 1 }, $set_once: { c: 1, d: 1 } })
    const both = { ...nested, $set: { b: 2 }, $set_once: { d: 2 } }
    expect(annOf(both)).toEqual({ a: 1, b: 2, c: 1, d: 2 })
    expect(annOf({ event: "seen", distinct_id: "ann", $set: { b: 2 } })).toEqual({ b: 2 })
  })

  it("a top-level $unset is ignored", () => {
    expect(annOf(set({ a: 1 }), { ...seen("ann"), $unset: ["a"] })).toEqual({ a: 1 })
  })

  it.each([null, 1, "a", ["a"], true])("a $set of %j, no object, is ignored", (value) => {
    expect(annOf(seen("ann", { $set: value, $set_once: value }))).toEqual({})
  })

  it("$unset removes a key, also one that the same event sets", () => {
    expect(annOf(set({ a: 1, b: 1 }), seen("ann", { $set: { a: 2 }, $unset: ["a"] }))).toEqual({
      b: 1,
    })
  })

  it("$unset of a key new in the same event: removed under page, kept under posthog", () => {
    const events = [seen("ann"), seen("ann", { $set: { a: 1 }, $unset: ["a"] })]
    expect([annOf(...events), annToday(...events)]).toEqual([{}, { a: 1 }])
  })

  it("$unset of a merge that creates the person: applies under page, is ignored under posthog", () => {
    const events = [identify("ann", "dev", { $set: { a: 1 }, $unset: ["a"] })]
    expect([annOf(...events), annToday(...events)]).toEqual([{}, { a: 1 }])
  })

  it.each([
    ["an ordinary event", seen("ann", { $set: { a: 1 }, $unset: ["a"] })],
    [
      "an $identify that names no other id",
      { ...seen("ann", { $set: { a: 1 }, $unset: ["a"] }), event: "$identify" },
    ],
    ["a refused $identify", identify("ann", "null", { $set: { a: 1 }, $unset: ["a"] })],
  ])("$unset of %s that creates the person is ignored", (_, event) => {
    expect([annOf(event), annToday(event)]).toEqual([{ a: 1 }, { a: 1 }])
  })

  it("$unset of a key new in the same event is removed where two persons merge", () => {
    const merge = identify("ann", "dev", { $set: { a: 1, b: 1 }, $unset: ["a"] })
    const events = [seen("dev"), seen("ann"), merge]
    expect([annOf(...events), annToday(...events)]).toEqual([{ b: 1 }, { b: 1 }])
  })

  it("an object as $unset: ignored under page, its keys under posthog", () => {
    const events = [set({ a: 1, b: 2 }), unset({ a: "", z: 1 })]
    expect([annOf(...events), annToday(...events)]).toEqual([{ a: 1, b: 2 }, { b: 2 }])
  })
})

describe("a change is a change of value", () => {
  it.each([
    ["a number for its text", 3, "3"],
    ["null for an absent key's neighbour", false, null],
    ["another order in an array", [1, 2], [2, 1]],
  ])("%s is one", (_, before, after) => {
    expect(personOf(page(set({ a: before }), set({ a: after })), "ann")?.version).toBe(1)
  })

  it.each([
    ["an equal object with its keys in another order", { x: 1, y: [2] }, { y: [2], x: 1 }],
    ["an equal array", [{ x: 1 }], [{ x: 1 }]],
    ["the same text", "x", "x"],
  ])("%s is none", (_, before, after) => {
    expect(personOf(page(set({ a: before }), set({ a: after })), "ann")?.version).toBe(0)
  })

  it("$unset of an absent key is none, and $set with $unset of a new key is none", () => {
    const history = page(seen("ann"), unset(["a"]), seen("ann", { $set: { a: 1 }, $unset: ["a"] }))
    expect(personOf(history, "ann")?.version).toBe(0)
  })
})

describe.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("the key %s", (key) => {
  const entries = (...events: ReadonlyArray<unknown>) => Object.entries(annOf(...events) ?? {})

  it("is set, set once and unset like any other", () => {
    expect(entries(setOnce({ [key]: 1 }))).toEqual([[key, 1]])
    expect(entries(set({ [key]: 1 }), setOnce({ [key]: 2 }))).toEqual([[key, 1]])
    expect(entries(set({ [key]: 1 }), set({ [key]: { a: 2 } }))).toEqual([[key, { a: 2 }]])
    expect(entries(set({ [key]: 1 }), unset([key]))).toEqual([])
  })

  it("moves with a merge, and at the top level", () => {
    const top = { event: "seen", distinct_id: "dev", $set: { [key]: 1 } }
    expect(entries(top, seen("ann"), identify("ann", "dev"))).toEqual([[key, 1]])
  })
})

describe("properties of the event that are copied to the person", () => {
  const visit = { utm_source: "news", $browser: "Chrome", msclkid: "m", $os_name: "iOS", plain: 1 }

  it("2022: campaign keys are set, and first values of them and of a few more are kept", () => {
    const copied = { utm_source: "news", $initial_utm_source: "news", $initial_browser: "Chrome" }
    expect(annOf(seen("ann", visit))).toEqual(copied)
  })

  it("today: all are set, and their first values kept; $os_name is stored as $os", () => {
    expect(annToday(seen("ann", visit))).toEqual({
      utm_source: "news",
      $initial_utm_source: "news",
      $browser: "Chrome",
      $initial_browser: "Chrome",
      msclkid: "m",
      $initial_msclkid: "m",
      $os: "iOS",
      $initial_os: "iOS",
    })
  })

  it("today: $os_name gives way to $os, whichever stands first, and whatever its value", () => {
    const both = { $os: "A", $initial_os: "A" }
    expect(annToday(seen("ann", { $os: "A", $os_name: "B" }))).toEqual(both)
    expect(annToday(seen("ann", { $os_name: "B", $os: "A" }))).toEqual(both)
    expect(annToday(seen("ann", { $os: null, $os_name: "B" }))).toEqual({
      $os: null,
      $initial_os: null,
    })
  })

  it("today: an explicit $os_name is a property like any other", () => {
    expect(annToday(seen("ann", { $os_name: "B", $set: { $os_name: "mine" } }))).toEqual({
      $os_name: "mine",
      $os: "B",
      $initial_os: "B",
    })
  })

  it("nothing is copied from a $performance_event today; in 2022 it was like any other", () => {
    const event = { ...seen("ann", visit), event: "$performance_event" }
    expect(annToday(event)).toEqual({})
    expect(annOf(event)).toHaveProperty("utm_source")
  })

  it("an explicit operation loses to the copy in 2022, and wins today", () => {
    const explicit = { $set: { utm_source: "mine" }, $set_once: { $initial_utm_source: "mine" } }
    const event = seen("ann", { utm_source: "news", ...explicit })
    expect(annOf(event)).toEqual({ utm_source: "news", $initial_utm_source: "news" })
    expect(annToday(event)).toEqual({ utm_source: "mine", $initial_utm_source: "mine" })
  })

  it("null is copied, and the first one stays as the initial value", () => {
    const events = [seen("ann", { utm_source: null }), seen("ann", { utm_source: "ads" })]
    expect(annOf(...events)).toEqual({ utm_source: "ads", $initial_utm_source: null })
  })

  it("nothing is copied from a $snapshot, nor where the policy says none", () => {
    expect(annOf({ ...seen("ann", visit), event: "$snapshot" })).toEqual({})
    const policy = ChangedPolicy.change(pageUnbuffered, { property_mapping: "none" })
    expect(propertiesOf(historyOf(logOf([seen("ann", visit)]), policy), "ann")).toEqual({})
  })
})

describe("under posthog, a change of a key that SDKs send with every event makes no version", () => {
  const versionAfter = (key: string) => {
    const events = [1, 2].map((value) => seen("ann", { $set: { [key]: value } }))
    return personOf(posthog(...events), "ann")?.version
  }

  it.each(["$current_url", "$os_name", "$geoip_latitude", "$geoip_subdivision_2_confidence"])(
    "such as %s",
    (key) => expect(versionAfter(key)).toBe(0),
  )

  it.each([
    "$geoip_country_name",
    "$geoip_city_name",
    "$geoip_country_code",
    "$geoip_own",
    "$initial_os",
  ])("but %s makes one", (key) => expect(versionAfter(key)).toBe(1))
})

describe("properties that grow too large", () => {
  const size = ["person_properties_size_violation"]
  const small = (bytes: number) =>
    ChangedPolicy.change(pageUnbuffered, { person_properties_bytes_max: bytes })

  it("are not taken: the event is kept, its operations are lost, and a warning says so", () => {
    const history = historyOf(logOf([set({ a: 1 }), set({ a: 2, b: "long enough" })]), small(12))
    expect(typesOf(history)).toEqual(size)
    expect(history.warnings[0]?.details).toMatchObject({ distinctId: "ann" })
    expect(personOf(history, "ann")).toMatchObject({ properties: { a: 1 }, version: 0 })
  })

  it("are counted in UTF-8 bytes, and the limit itself is allowed", () => {
    const log = logOf([set({ a: "\u00e9\u00e9" })])
    expect(typesOf(historyOf(log, small(12)))).toEqual([])
    expect(typesOf(historyOf(log, small(11)))).toEqual(size)
  })

  it("do not keep a person from being created, with none, nor from being identified", () => {
    const big = identify("ann", "dev", { $set: { a: "far too long" } })
    const history = historyOf(logOf([big]), small(10))
    expect(personOf(history, "ann")).toMatchObject({ properties: {}, isIdentified: true })
    expect(typesOf(history)).toEqual(size)
  })

  it("do not keep persons from merging: what fits stays, the target's at the least", () => {
    const persons = [set({ a: 1 }), set({ b: 1 }, "dev")]
    const fitting = [...persons, identify("ann", "dev", { $set: { c: 1 } })]
    const history = historyOf(logOf(fitting), small(14))
    expect(propertiesOf(history, "ann")).toEqual({ a: 1, b: 1 })
    const tight = historyOf(logOf([...persons, identify("ann", "dev")]), small(8))
    expect(groupsOf(tight)).toEqual(["ann dev"])
    expect(propertiesOf(tight, "ann")).toEqual({ a: 1 })
    expect([typesOf(history), typesOf(tight)]).toEqual([size, size])
  })

  it("may shrink: a person that a lower limit finds too large is only ever made smaller", () => {
    const change = { person_properties_bytes_max: 12 }
    const events = [set({ a: 1, b: 2, c: 3 }), seen("x"), set({ d: 4 }), seen("ann"), unset(["a"])]
    const log = logOf([...events, unset(["a", "b"])]).map((recorded, index) =>
      index === 1 ? record({ _tag: "PolicyChanged", uuid: "c", change }, index) : recorded,
    )
    expect(propertiesOf(historyOf(log.slice(0, 4)), "ann")).toEqual({ a: 1, b: 2, c: 3 })
    expect(propertiesOf(historyOf(log), "ann")).toEqual({ c: 3 })
    expect(typesOf(historyOf(log))).toEqual([...size, ...size])
  })
})
