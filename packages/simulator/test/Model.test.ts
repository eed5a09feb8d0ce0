import { describe, expect, it } from "vitest"
import * as Given from "./given.ts"
import { api, at, event, identify, noBuffer, page, policy, posthog, second, seen } from "./given.ts"

describe("identifying", () => {
  it("given neither id, when $identify names both, then one person, named after the target, has both", () => {
    const { persons } = page(identify("user", "anon"))
    expect(persons).toEqual([
      {
        person_id: Given.uuid5("A:user"),
        distinct_ids: ["anon", "user"],
        properties: {},
        is_identified: true,
        created_at: second(0),
        version: 0,
      },
    ])
  })

  it("given one person, when the other id joins it, then its person id and created_at stay", () => {
    const { persons } = posthog(seen("anon"), identify("user", "anon"))
    expect(persons[0]?.person_id).toBe(Given.uuid5("A:anon"))
    expect(persons[0]?.created_at).toBe(second(0))
  })

  it("given an identified source and a target never seen, then page refuses and posthog attaches", () => {
    const lines = [identify("ann", "dev"), identify("bob", "ann")]
    expect(Given.idsOf(posthog(...lines))).toEqual([["ann", "bob", "dev"]])
    const refused = page(...lines)
    expect(Given.idsOf(refused)).toEqual([["ann", "dev"], ["bob"]])
    expect(refused.persons.map((person) => person.is_identified)).toEqual([true, true])
    expect(refused.warnings).toEqual([
      {
        type: "cannot_merge_already_identified",
        line: 1,
        details: { sourcePersonDistinctId: "ann", targetPersonDistinctId: "bob" },
      },
    ])
  })

  it("given two persons, then the target survives with both's properties, the earlier created_at and a version", () => {
    const lines = [
      seen("anon", { a: 1, b: 1 }),
      seen("anon", { a: 2 }),
      seen("anon", { a: 3 }),
      seen("user", { b: 2 }),
      identify("user", "anon", { $set: { c: 3 } }),
    ]
    const { persons, events } = posthog(...lines)
    expect(persons).toMatchObject([
      {
        person_id: Given.uuid5("A:user"),
        properties: { a: 3, b: 2, c: 3 },
        created_at: second(0),
        version: 1,
      },
    ])
    expect(events[0]?.stamped_person_id).toBe(Given.uuid5("A:anon"))
    expect(events[0]?.person_id).toBe(Given.uuid5("A:user"))
    expect(page(noBuffer, ...lines).persons[0]?.version).toBe(1)
  })

  it("given an illegal id, then it is warned of, and leaves no other trace", () => {
    const { persons, warnings } = page(identify("null", "anon"))
    expect(persons).toMatchObject([{ distinct_ids: ["null"], is_identified: false }])
    expect(warnings).toEqual([
      {
        type: "cannot_merge_with_illegal_distinct_id",
        line: 0,
        details: { illegalDistinctId: "null", otherDistinctId: "anon" },
      },
    ])
  })

  it("given $merge_dangerously, then posthog merges whatever is identified, and page takes it as any event", () => {
    const lines = [
      identify("a", "dev-a"),
      identify("b", "dev-b"),
      event("$merge_dangerously", "b", { alias: "a" }),
    ]
    expect(Given.idsOf(posthog(...lines))).toEqual([["a", "b", "dev-a", "dev-b"]])
    expect(page(...lines).persons).toHaveLength(2)
  })
})

describe("the buffer", () => {
  const waiting = (line: object) => page(at(0, { ...line })).events[0]?.buffered

  it("holds an event of an id without a person, which is pending", () => {
    expect(page(at(0, seen("user")))).toMatchObject({
      persons: [],
      events: [{ status: "pending", person_id: null, stamped_person_id: null, buffered: true }],
    })
  })

  it("holds no $identify, no alias, no snapshot, no anonymous or mobile event, and none of a person", () => {
    expect(waiting(event("$identify", "u"))).toBe(false)
    expect(waiting(event("$create_alias", "u"))).toBe(false)
    expect(waiting(event("$snapshot", "u"))).toBe(false)
    expect(waiting(event("e", "u", { $device_id: "u" }))).toBe(false)
    expect(waiting(event("e", "u", { $device_id: "other" }))).toBe(true)
    expect(waiting(event("e", "u", { $lib: "posthog-ios" }))).toBe(false)
    expect(waiting(event("e", "u", { $lib: "web" }))).toBe(true)
    expect(waiting({ ...seen("u"), uuid: "not-a-uuid" })).toBe(false)
    const known = page(event("$identify", "u"), seen("u"))
    expect(known.events[1]?.buffered).toBe(false)
  })

  it("holds no $merge_dangerously where it merges", () => {
    const merge = event("$merge_dangerously", "b", { alias: "a" })
    expect(page(merge).events[0]?.buffered).toBe(true)
    expect(page(policy({ merge_dangerously: true }), merge).events[0]?.buffered).toBe(false)
  })

  it("releases before the first line whose time is at or past the due time, with the event's own time", () => {
    const held = at(0, seen("user", { plan: "free" }))
    expect(page(held, at(59, event("$snapshot", "x"))).events[0]?.status).toBe("pending")
    const released = page(held, at(60, identify("user", "anon")))
    expect(released.events[0]).toMatchObject({
      status: "attributed",
      stamped_person_id: Given.uuid5("A:user"),
      timestamp: second(0),
      buffered: true,
    })
    expect(released.persons).toMatchObject([{ created_at: second(0), version: 1 }])
  })

  it("lands on the person that a merge made meanwhile", () => {
    const { persons } = page(
      at(0, event("$pageview", "dev", { $device_id: "dev", $set: { first: "web" } })),
      at(5, seen("user", { plan: "free" })),
      at(20, identify("user", "dev")),
      { advance_to: second(65) },
    )
    expect(persons).toMatchObject([
      { distinct_ids: ["dev", "user"], properties: { first: "web", plan: "free" } },
    ])
  })

  it("releases what is due at or before an advance, by due time, then position", () => {
    const lines = [
      at(0, seen("user", { a: 1 })),
      at(0, policy({ buffer_window_seconds: 10 })),
      at(1, seen("user", { a: 2 })),
      at(1, seen("user", { a: 3 })),
    ]
    expect(page(...lines, { advance_to: second(10) }).persons).toEqual([])
    expect(Given.propertiesOf(page(...lines, { advance_to: second(11) }))).toEqual({
      user: { a: 3 },
    })
    expect(Given.propertiesOf(page(...lines, { advance_to: second(60) }))).toEqual({
      user: { a: 1 },
    })
  })

  it("counts from the log's time, which never goes back", () => {
    const lines = [at(100, event("$snapshot", "x")), at(0, seen("user"))]
    expect(page(...lines, { advance_to: second(159) }).events[1]?.status).toBe("pending")
    expect(page(...lines, { advance_to: second(160) }).events[1]?.status).toBe("attributed")
  })

  it("processes a released event under the policy of that moment, and does not test it again", () => {
    const held = at(0, event("$pageview", "user", { $browser: "b" }))
    const changed = at(1, policy({ property_mapping: "none" }))
    expect(page(held, changed, { advance_to: second(60) }).persons).toMatchObject([
      { properties: {} },
    ])
    const gone = [at(1, event("$identify", "user")), at(2, api("delete", "user"))]
    expect(page(held, ...gone, { advance_to: second(60) }).events[0]?.status).toBe("attributed")
  })
})

describe("a repeated uuid", () => {
  const uuid = "01840000-0000-7000-8000-00000000000a"

  it("is a duplicate, and nobody's, whatever it says", () => {
    const lines = [
      { ...seen("a", { n: 1 }), uuid },
      { ...seen("b", { n: 2 }), uuid: uuid.toUpperCase() },
    ]
    const { persons, events } = posthog(...lines)
    expect(persons).toMatchObject([{ distinct_ids: ["a"], properties: { n: 1 } }])
    const nobodys = { status: "duplicate", person_id: null, stamped_person_id: null }
    expect(events[1]).toEqual({ ...events[0], line: 1, ...nobodys })
  })
})

describe("personless events", () => {
  const flagged = (name: string, id: string, more: object = {}) =>
    event(name, id, { $process_person_profile: false, ...more })

  it("make no person, and are stamped with the UUIDv5 of their own id", () => {
    expect(posthog(flagged("e", "u", { $set: { a: 1 } }))).toMatchObject({
      persons: [],
      events: [{ status: "personless", person_id: null, stamped_person_id: Given.uuid5("A:u") }],
    })
  })

  it("of an id with a person are stamped with it, and leave it alone", () => {
    const { persons, events } = posthog(
      seen("a", { n: 1 }),
      identify("b", "a"),
      flagged("e", "b", { $set: { n: 2 }, $unset: ["n"] }),
    )
    expect(persons).toMatchObject([{ properties: { n: 1 }, version: 1 }])
    expect(events[2]).toMatchObject({
      status: "personless",
      person_id: Given.uuid5("A:a"),
      stamped_person_id: Given.uuid5("A:a"),
    })
  })

  it("that need persons are dropped with a warning", () => {
    const names = ["$identify", "$create_alias", "$merge_dangerously", "$groupidentify"]
    for (const name of names) {
      const answer = posthog(flagged(name, "u", { $anon_distinct_id: "a", alias: "a" }))
      expect(Given.statusesOf(answer)).toEqual(["dropped"])
      expect(Given.warningsOf(answer)).toEqual([
        ["invalid_event_when_process_person_profile_is_false", 0],
      ])
    }
  })

  it("are marked by boolean false only; another value is warned of", () => {
    const flags = ["false", 0, null, true]
    const answer = posthog(
      ...flags.map((flag) => event("e", "u", { $process_person_profile: flag })),
    )
    expect(Given.statusesOf(answer)).toEqual(Array(4).fill("attributed"))
    expect(Given.warningsOf(answer)).toEqual(
      [0, 1, 2].map((line) => ["invalid_process_person_profile", line]),
    )
  })

  it("are ordinary ones under page", () => {
    const answer = page(noBuffer, flagged("$identify", "u", { $anon_distinct_id: "a" }))
    expect(Given.idsOf(answer)).toEqual([["a", "u"]])
  })

  it("name the person after the source where only the source was used so (P19)", () => {
    const named = (...used: ReadonlyArray<string>) =>
      posthog(...used.map((id) => flagged("e", id)), identify("t", "s")).persons[0]?.person_id
    expect(named()).toBe(Given.uuid5("A:t"))
    expect(named("s")).toBe(Given.uuid5("A:s"))
    expect(named("t")).toBe(Given.uuid5("A:t"))
    expect(named("s", "t")).toBe(Given.uuid5("A:t"))
  })

  it("never wait", () => {
    const answer = page(policy({ personless_events: true }), flagged("e", "u"))
    expect(answer.events[0]).toMatchObject({ status: "personless", buffered: false })
  })

  it("are all events of a project that opted out, and identifying ones are dropped", () => {
    const answer = posthog(
      policy({ person_processing_opt_out: true }),
      event("e", "u", { $process_person_profile: true }),
      identify("u", "a"),
    )
    expect(Given.statusesOf(answer)).toEqual(["personless", "dropped"])
    expect(Given.warningsOf(answer)).toEqual([["event_dropped_person_processing_disabled", 2]])
  })
})

describe("properties", () => {
  it("of $exception and $$heatmap set a new person's under posthog, and no known one's", () => {
    for (const name of ["$exception", "$$heatmap"]) {
      const lines = [event(name, "u", { $set: { a: 1 } }), event(name, "u", { $set: { a: 2 } })]
      expect(Given.propertiesOf(posthog(...lines))).toEqual({ u: { a: 1 } })
      expect(Given.propertiesOf(page(noBuffer, ...lines))).toEqual({ u: { a: 2 } })
    }
  })

  it("of $groupidentify are always stripped under posthog", () => {
    const line = event("$groupidentify", "u", { $set: { a: 1 }, $browser: "b" })
    expect(Given.propertiesOf(posthog(line))).toEqual({ u: {} })
    expect(Given.propertiesOf(page(noBuffer, line))).toEqual({
      u: { a: 1, $initial_browser: "b" },
    })
  })

  it("that SDKs send by themselves are not written alone, but with others or by an event about persons", () => {
    const after = (name: string, $set: object) =>
      posthog(
        seen("u", { $os: 1, $geoip_latitude: 1, $geoip_city_name: 1 }),
        event(name, "u", { $set }),
      ).persons[0]
    expect(after("e", { $os: 2, $geoip_latitude: 2 })).toMatchObject({
      properties: { $os: 1, $geoip_latitude: 1 },
      version: 0,
    })
    expect(after("e", { $os: 2, other: 1 })?.properties).toMatchObject({ $os: 2, other: 1 })
    expect(after("e", { $os: 2, $browser: 1 })?.properties).toMatchObject({ $os: 2, $browser: 1 })
    expect(after("e", { $os: 2, $geoip_city_name: 2 })?.properties).toMatchObject({ $os: 2 })
    expect(after("$set", { $os: 2 })?.properties).toMatchObject({ $os: 2 })
  })

  it("are mapped from event properties: 2022's win over $set, today's do not", () => {
    const line = event("e", "u", { gclid: 1, msclkid: 1, $os_name: "x", $set: { gclid: 2 } })
    expect(Given.propertiesOf(posthog(line))["u"]).toEqual({
      gclid: 2,
      msclkid: 1,
      $os: "x",
      $initial_gclid: 1,
      $initial_msclkid: 1,
      $initial_os: "x",
    })
    expect(Given.propertiesOf(page(noBuffer, line))["u"]).toEqual({ gclid: 1, $initial_gclid: 1 })
    expect(Given.propertiesOf(posthog({ ...line, event: "$snapshot" }))["u"]).toEqual({ gclid: 2 })
  })

  it("hold when a survey was last seen, under posthog", () => {
    const line = { ...event("survey shown", "u"), timestamp: second(5) }
    expect(Given.propertiesOf(posthog(line))["u"]).toEqual({ $survey_last_seen_date: second(5) })
    expect(Given.propertiesOf(page(noBuffer, line))["u"]).toEqual({})
  })

  it("change the version once an event, and not where nothing changes", () => {
    const many = event("e", "u", { $set: { a: 2, b: [1] }, $set_once: { c: 1 } })
    expect(Given.versionsOf(posthog(seen("u", { a: 1 })))).toEqual({ u: 0 })
    expect(Given.versionsOf(posthog(seen("u", { a: 1 }), many))).toEqual({ u: 1 })
    expect(Given.versionsOf(posthog(seen("u", { a: 1 }), many, many))).toEqual({ u: 1 })
  })
})

describe("timestamps", () => {
  const now = "2023-01-01T12:00:00.000Z"
  const timeOf = (fields: object) => {
    const line = { ...event("$identify", "u"), received_at: now, ...fields }
    return {
      page: page(line).events[0]?.timestamp,
      posthog: posthog(line).events[0]?.timestamp,
      warnings: posthog(line).warnings.map(({ type, details }) => ({ type, ...details })),
      quiet: page(line).warnings.length === 0,
    }
  }
  const both = (timestamp: string) => ({
    page: timestamp,
    posthog: timestamp,
    warnings: [],
    quiet: true,
  })

  it("are corrected by sent_at, which today may be told to be ignored", () => {
    const timestamp = "2023-01-01T11:00:00Z"
    const sent_at = "2023-01-01T12:00:10Z"
    expect(timeOf({ timestamp, sent_at })).toEqual(both("2023-01-01T10:59:50.000Z"))
    const properties = { $ignore_sent_at: true }
    expect(timeOf({ timestamp, sent_at, properties })).toMatchObject({
      page: "2023-01-01T10:59:50.000Z",
      posthog: "2023-01-01T11:00:00.000Z",
    })
    expect(timeOf({})).toEqual(both(now))
    expect(timeOf({ timestamp: "2023-01-01T14:00:00+03" })).toEqual(
      both("2023-01-01T11:00:00.000Z"),
    )
    expect(timeOf({ timestamp: "2023-01-01T11:00:00" })).toEqual(both("2023-01-01T11:00:00.000Z"))
  })

  it("are beaten by an offset today, and beat it in 2022", () => {
    expect(timeOf({ offset: 6000 })).toEqual(both("2023-01-01T11:59:54.000Z"))
    expect(timeOf({ offset: 5000, timestamp: "2023-01-01T11:00:00Z" })).toMatchObject({
      page: "2023-01-01T11:00:00.000Z",
      posthog: "2023-01-01T11:59:55.000Z",
    })
  })

  it("may lie 23 hours ahead today, and anywhere in 2022", () => {
    expect(timeOf({ timestamp: "2023-01-02T11:00:00.000Z" })).toEqual(
      both("2023-01-02T11:00:00.000Z"),
    )
    expect(timeOf({ timestamp: "2023-01-02T11:00:00.001Z" })).toEqual({
      page: "2023-01-02T11:00:00.001Z",
      posthog: now,
      warnings: [{ type: "event_timestamp_in_future" }],
      quiet: true,
    })
  })

  it("that cannot be read give way to the time of arrival, with a warning", () => {
    const type = "ignored_invalid_timestamp"
    expect(timeOf({ timestamp: "not a date" })).toEqual({
      ...both(now),
      quiet: false,
      warnings: [{ type, field: "timestamp", value: "not a date" }],
    })
    expect(timeOf({ timestamp: "2023-01-01T11:00:00Z", sent_at: "invalid" })).toEqual({
      ...both("2023-01-01T11:00:00.000Z"),
      quiet: false,
      warnings: [{ type, field: "sent_at", value: "invalid" }],
    })
  })

  it("of a year under 1 are the epoch today, the time of arrival in 2022", () => {
    for (const timestamp of ["-000001-06-01T00:00:00Z", "0000-06-01T00:00:00Z"]) {
      expect(timeOf({ timestamp })).toMatchObject({
        page: now,
        posthog: "1970-01-01T00:00:00.000Z",
        warnings: [{ type: "ignored_invalid_timestamp", field: "timestamp", value: timestamp }],
      })
    }
  })

  it("of a year over 9999 are too far ahead before all else", () => {
    expect(timeOf({ timestamp: "+010000-06-01T00:00:00Z" })).toMatchObject({
      ...both(now),
      quiet: false,
      warnings: [{ type: "event_timestamp_in_future" }],
    })
  })
})

describe("a change of policy", () => {
  it("rules the lines after it: a preset sets every field, another key one", () => {
    const lines = [
      policy({ buffer_enabled: false }),
      seen("a"),
      policy({ preset: "page" }),
      seen("b"),
    ]
    expect(Given.statusesOf(posthog(...lines))).toEqual(["attributed", "pending"])
    const more = policy({ preset: "page", buffer_enabled: false })
    expect(Given.statusesOf(posthog(more, seen("c")))).toEqual(["attributed"])
  })
})

describe("splitting", () => {
  const three = [seen("1", { a: 1 }), identify("1", "2"), identify("1", "3")]

  it("without a main id leaves the first id, wiped under page; the others get new persons", () => {
    const answer = page(noBuffer, ...three, at(9, api("split", "3")))
    expect(answer.persons).toMatchObject([
      {
        person_id: Given.uuid5("A:1"),
        distinct_ids: ["1"],
        properties: {},
        is_identified: true,
        version: 2,
      },
      {
        person_id: Given.uuid5("A:2"),
        distinct_ids: ["2"],
        properties: {},
        is_identified: false,
        created_at: second(9),
        version: 0,
      },
      { person_id: Given.uuid5("A:3"), distinct_ids: ["3"], properties: {}, is_identified: false },
    ])
    expect(answer.events.map((event) => event.person_id)).toEqual([
      Given.uuid5("A:1"),
      Given.uuid5("A:1"),
      Given.uuid5("A:1"),
    ])
    const kept = posthog(...three, api("split", "3"))
    expect(kept.persons[0]).toMatchObject({ distinct_ids: ["1"], properties: { a: 1 }, version: 1 })
  })

  it("with a main id leaves it with its properties; the founding id gets the next name", () => {
    const { persons } = page(noBuffer, ...three, api("split", "1", { main_distinct_id: "2" }))
    expect(
      persons.map((person) => [person.distinct_ids, person.person_id, person.properties]),
    ).toEqual([
      [["1"], Given.uuid5("A:1#1"), {}],
      [["2"], Given.uuid5("A:1"), { a: 1 }],
      [["3"], Given.uuid5("A:3"), {}],
    ])
  })

  it("of chosen ids lets only those leave, never all, and wipes nothing", () => {
    const split = (...ids: ReadonlyArray<string>) =>
      Given.propertiesOf(
        page(noBuffer, ...three, api("split", "1", { distinct_ids_to_split: ids })),
      )
    expect(split("2")).toEqual({ "1+3": { a: 1 }, "2": {} })
    expect(split("3", "2", "1")).toEqual({ "1": { a: 1 }, "2": {}, "3": {} })
    expect(split()).toEqual({ "1+2+3": { a: 1 } })
  })

  it("lets past events follow their distinct ids", () => {
    const lines = [seen("a"), seen("b"), identify("a", "b"), api("split", "a")]
    const { events } = posthog(...lines)
    expect(events[1]?.person_id).toBe(Given.uuid5("A:b"))
  })
})

describe("deleting", () => {
  it("forgets the person; its ids start afresh under the next name, and earlier events are nobody's", () => {
    const { persons, events } = posthog(
      seen("a", { n: 1 }),
      identify("b", "a"),
      api("delete", "a"),
      seen("b"),
      seen("a"),
      api("delete", "a"),
      seen("a"),
    )
    expect(persons.map((person) => person.person_id)).toEqual([
      Given.uuid5("A:a#2"),
      Given.uuid5("A:b#1"),
    ])
    expect(Given.propertiesOf({ persons, events, warnings: [] })).toEqual({ a: {}, b: {} })
    expect(events.map((event) => event.person_id)).toEqual([
      null,
      null,
      Given.uuid5("A:b#1"),
      null,
      Given.uuid5("A:a#2"),
    ])
    expect(Given.statusesOf({ persons, events, warnings: [] })).toEqual(Array(5).fill("attributed"))
  })
})

describe("an operator", () => {
  it("merges two identified persons under every preset", () => {
    const lines = [identify("a", "dev-a"), identify("b", "dev-b")]
    const merge = api("merge", "b", { alias: "a", reason: "the same", by: "ann" })
    for (const answer of [page(...lines, merge), posthog(...lines, merge)]) {
      expect(Given.idsOf(answer)).toEqual([["a", "b", "dev-a", "dev-b"]])
      expect(answer.persons[0]).toMatchObject({ person_id: Given.uuid5("A:b"), version: 1 })
    }
  })

  it("does not merge an illegal id", () => {
    const answer = posthog(seen("a"), seen("null"), api("merge", "a", { alias: "null" }))
    expect(Given.warningsOf(answer)).toEqual([["cannot_merge_with_illegal_distinct_id", 2]])
  })

  it("sets and deletes properties", () => {
    const { persons } = posthog(
      seen("a", { $os: 1, gone: 1 }),
      api("patch", "a", { properties: { $os: 2, b: 1 } }),
      api("delete_property", "a", { $unset: ["gone", "never"] }),
    )
    expect(persons).toMatchObject([{ properties: { $os: 2, b: 1 }, version: 2 }])
  })

  it("does nothing about an id without a person", () => {
    const commands = ["split", "delete", "merge", "patch", "delete_property"].map((name) =>
      api(name, "nobody", { alias: "nobody-2", properties: { a: 1 }, $unset: ["a"] }),
    )
    expect(posthog(...commands)).toEqual({ persons: [], events: [], warnings: [] })
  })
})

describe("an invalid uuid", () => {
  it("drops the event with a warning", () => {
    const answer = posthog({ ...seen("u"), uuid: "not-a-uuid" })
    expect(answer.persons).toEqual([])
    expect(answer.events).toMatchObject([{ status: "dropped", person_id: null }])
    expect(Given.warningsOf(answer)).toEqual([["skipping_event_invalid_uuid", 0]])
  })
})
