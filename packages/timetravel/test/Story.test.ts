import { describe, expect, it } from "vitest"
import { Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import * as Bisect from "../src/questions/Bisect.ts"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as Culprits from "../src/questions/Culprits.ts"
import * as Difference from "../src/questions/Difference.ts"
import * as Point from "../src/history/Point.ts"
import * as PropertyBlame from "../src/questions/story/PropertyBlame.ts"
import * as Story from "../src/questions/story/Story.ts"
import * as Trace from "../src/questions/trace/Trace.ts"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import * as WhatIf from "../src/questions/WhatIf.ts"
import * as Why from "../src/questions/Why.ts"
import * as Json from "@onymous/identity/encoding/Json"
import * as Presets from "@onymous/identity/policy/Presets"
import * as Seeds from "@onymous/simulator/random/Seeds"
import { History } from "../src/history/History.ts"
import { event, historyOf, identify, randomHistory, uuid } from "./historySupport.ts"

/** Two customers on one tablet, then an alias that makes them one. */
const night = [
  identify(1, "ann", "anns-phone", { plan: "pro" }),
  identify(2, "ann", "anns-laptop"),
  event(3, "$pageview", "bobs-phone"),
  event(4, "$pageview", "bobs-desk"),
  event(5, "$create_alias", "ann", { alias: "bobs-phone" }),
  identify(6, "ann", "bobs-desk", { plan: "free" }),
  identify(7, "bob", "bobs-phone"),
]

const id = DistinctId
const history = historyOf(night)
const positions = (answer: Why.Answer) =>
  Why.eventsOf(answer.chain).map(({ position }) => Number(position))

describe("two customers in one person", () => {
  it("are one by the fewest events that made them so", () => {
    expect(positions(Why.why(history, id("anns-phone"), id("bobs-phone")))).toEqual([1, 5])
    expect(positions(Why.why(history, id("ann"), id("ann")))).toEqual([])
    expect(Why.why(history, id("ann"), id("bobs-phone"), Position(4)).isSame).toBe(false)
  })

  it("are kept from a third id by refusals, each with its warning", () => {
    const { isSame, refusals } = Why.why(history, id("ann"), id("bob"))
    expect(isSame).toBe(false)
    expect(refusals).toMatchObject([{ type: "cannot_merge_already_identified", position: 7 }])
    expect(Why.why(history, id("ann"), id("nobody"))).toMatchObject({ chain: [], refusals: [] })
  })

  it("are told by the link whose loss leaves the largest parts", () => {
    const more = historyOf([...night, identify(8, "bobs-desk2", "x")])
    const [first] = WorkInTurns.atOnce(Culprits.culprits(more, id("ann")))
    expect(first?.parts.map((part) => part.length).toSorted()).toEqual([1, 4])
    const events = WorkInTurns.atOnce(Why.undo(history, id("ann"), id("bobs-phone")))
    expect(events.map((each) => each.position)).toEqual([5])
  })

  it("would be two, had the alias never come, and nothing is written", () => {
    const edit = { without: new Set([uuid(5)]) }
    expect(WhatIf.blastRadius(history, edit)).toBe(6)
    const { persons, warnings } = WhatIf.whatIf(history, edit)
    const bob = persons.find(({ after }) => after?.distinctIds.includes(id("bob")))
    expect(bob?.after?.distinctIds).toEqual(["bob", "bobs-phone"])
    expect(warnings.removed).toMatchObject([{ type: "cannot_merge_already_identified" }])
    expect(history.personAt(id("bobs-phone"))?.distinctIds).toContain("ann")
  })

  it("would be otherwise under other rules, and with events that came, too", () => {
    const looser = { policy: { identified_source_new_target: "attach" as const } }
    const { persons } = WhatIf.whatIf(history, looser)
    expect(persons.find(({ change }) => change === "gone")?.before?.distinctIds).toEqual(["bob"])
    const merged = historyOf([identify(9, "carol", "bob")]).log.map((each) => each.event)
    const inserted = WhatIf.whatIf(history, { insert: merged.map((each) => ({ event: each })) })
    expect(inserted.warnings.added).toMatchObject([{ type: "cannot_merge_already_identified" }])
  })

  it("changed between two points, person by person", () => {
    const { persons } = Difference.diff(history, Position(2), Position(5))
    expect(persons.map(({ change }) => change)).toEqual(["changed", "born"])
  })

  it("are deleted, and their ids seen again: one is gone and another one born, unless the deletion is undone", () => {
    const deletion = { api: "persons.delete", distinct_id: "ann", by: "op", uuid: uuid(2) }
    const [deleted, again] = [{ ...deletion, reason: "asked to" }, event(3, "seen", "ann")]
    const undone = {
      api: "events.retract",
      event_uuid: uuid(2),
      distinct_id: "ann",
      by: "op",
      reason: "x",
    }
    const diff = (...lines: ReadonlyArray<object>) => {
      const past = historyOf([identify(1, "ann", "phone"), ...lines])
      return Difference.diff(past, Position(1), past.head).persons.map(({ change }) => change)
    }
    expect(diff(deleted, again)).toEqual(["gone", "born"])
    expect(diff(deleted, again, { ...undone, uuid: uuid(4) })).not.toContain("gone")
  })

  it("keep their ids and get another person id: one row, neither a merge nor a split", () => {
    const swapped = historyOf([identify(1, "ann", "phone"), event(2, "seen", "ann")])
    const { persons } = WhatIf.whatIf(swapped, {
      without: new Set([uuid(1)]),
      insert: historyOf([identify(9, "phone", "ann")]).log.map((each) => ({ event: each.event })),
      from: Position(1),
    })
    expect(persons).toMatchObject([
      {
        change: "renamed",
        before: { distinctIds: ["ann", "phone"] },
        after: { distinctIds: ["ann", "phone"] },
      },
    ])
  })
})

/** Position and value of each setting, and where it lost. */
const settingsOf = (past: History, of: string, key: string, at?: number) =>
  PropertyBlame.settings(past, id(of), key, at === undefined ? undefined : Position(at)).map(
    ({ event, value, lostAt }) => [
      event?.position,
      value,
      ...(lostAt === undefined ? [] : [lostAt]),
    ],
  )

describe("what happened", () => {
  it("to a property: the event that set its value, and those that it overwrote", () => {
    expect(settingsOf(history, "ann", "plan")).toEqual([
      [6, "free"],
      [1, "pro"],
    ])
    expect(settingsOf(history, "ann", "nothing")).toEqual([])
    expect(settingsOf(history, "ann", "plan", 5)).toEqual([[1, "pro"]])
  })

  it("to a property that came with another person: on into that person", () => {
    const merged = historyOf([
      event(1, "seen", "phone", { $set: { city: "Oslo" } }),
      event(2, "seen", "phone", { $set: { city: "Bergen" } }),
      event(3, "seen", "ann"),
      identify(4, "ann", "phone"),
    ])
    expect(settingsOf(merged, "ann", "city")).toEqual([
      [2, "Bergen"],
      [1, "Oslo"],
    ])
  })

  it("to a property of an id that was split off, and of one whose person was deleted: what took it away", () => {
    const parted = historyOf([
      identify(1, "ann", "phone", { plan: "pro" }),
      { api: "persons.split", distinct_id: "ann", distinct_ids_to_split: ["phone"] },
      { api: "persons.delete", distinct_id: "ann" },
    ])
    const before = [1, "pro"]
    expect(settingsOf(parted, "phone", "plan")).toEqual([[2, undefined], before])
    expect(settingsOf(parted, "ann", "plan", 2)).toEqual([before])
    expect(settingsOf(parted, "ann", "plan")).toEqual([[3, undefined], before])
    expect(settingsOf(parted, "ann", "nothing")).toEqual([])
    const again = historyOf([
      identify(1, "ann", "phone", { plan: "pro" }),
      { api: "persons.delete", distinct_id: "ann" },
      event(3, "seen", "ann", { $set: { plan: "free" } }),
    ])
    expect(settingsOf(again, "ann", "plan")).toEqual([[3, "free"], [2, undefined], before])
  })

  it("to a property that both persons had: also the value that lost, and where", () => {
    const merged = historyOf([
      event(1, "seen", "phone", { $set: { city: "Oslo", same: 1 } }),
      event(2, "seen", "ann", { $set: { city: "Rome", same: 1 } }),
      identify(3, "ann", "phone"),
      event(4, "seen", "ann", { $unset: ["city"] }),
    ])
    expect(settingsOf(merged, "phone", "city")).toEqual([
      [4, undefined],
      [2, "Rome"],
      [1, "Oslo", 3],
    ])
    expect(settingsOf(merged, "phone", "same")).toEqual([[2, 1]])
  })

  it("to a property where an event that had waited takes effect at the position of its setter", () => {
    const waited = historyOf(
      [
        { ...event(1, "$pageview", "tab"), received_at: "2022-10-25T12:00:00Z" },
        {
          ...identify(2, "ann", "tab", { city: "Oslo" }),
          received_at: "2022-10-25T12:02:00Z",
        },
      ],
      Presets.page,
    )
    expect(settingsOf(waited, "ann", "city")).toEqual([[2, "Oslo"]])
    const told = Story.story(waited, id("tab"))
    expect(told.map(({ what, event }) => [what, event?.position])).toEqual([
      ["an event waits", 1],
      ["created with tab", 1],
      ["ann joined tab", 2],
      ["changed", 2],
    ])
  })

  it("to a property whose setter was retracted: what holds in its place", () => {
    const by = { by: "eve", reason: "a slip" }
    const undone = historyOf([
      event(1, "seen", "ann", { $set: { city: "Oslo" } }),
      event(2, "seen", "ann", { $set: { city: "Rome" } }),
      { api: "events.retract", distinct_id: "ann", event_uuid: uuid(2), uuid: uuid(3), ...by },
    ])
    expect(settingsOf(undone, "ann", "city")).toEqual([[1, "Oslo"]])
    expect(settingsOf(undone, "ann", "city", 2)[0]).toEqual([2, "Rome"])
  })

  it("to an id, from the moment at which it had a person, and not what others did before", () => {
    const late = historyOf([
      event(1, "seen", "ann", { $set: { plan: "pro" } }),
      event(2, "seen", "ann", { $set: { plan: "max" } }),
      event(3, "seen", "bob"),
      identify(4, "ann", "phone"),
      event(5, "seen", "ann", { $set: { plan: "free" } }),
      event(6, "seen", "bob", { $set: { plan: "free" } }),
    ])
    const told = Story.story(late, id("phone"))
    expect(told).toMatchObject([
      {
        position: 4,
        what: "phone joined ann",
        joined: ["ann", "phone"],
        after: { size: 2 },
        properties: [{ key: "plan", after: "max" }],
      },
      { position: 4, what: "changed", after: { isIdentified: true }, joined: [], properties: [] },
      { position: 5, what: "changed", properties: [{ key: "plan", before: "max", after: "free" }] },
    ])
  })

  it.each(Seeds.seeds(60))("to every id is what its person came to, seed %i", (seed) => {
    const random = randomHistory(seed % 2 === 0 ? "page" : "posthog", seed)
    for (const known of random.tables.memberships.keys()) {
      const told = Story.story(random, known)
      for (const [index, { position, after, properties }] of told.entries()) {
        if (told[index + 1]?.position === position) continue
        const person = random.personAt(known, position)
        expect(after?.id, `${known} at ${position}`).toBe(person?.id)
        expect(after?.size ?? 0).toBe(person?.distinctIds.length ?? 0)
        expect(after?.properties).toEqual(person?.properties)
        expect(properties.every(({ before, after }) => before !== after)).toBe(true)
      }
      const person = random.personAt(known)
      for (const key of ["a", "b", "utm_source"]) {
        const [last] = PropertyBlame.settings(random, known, key).filter(
          ({ lostAt }) => lostAt === undefined,
        )
        const held = person && Json.get(person.properties, key)
        expect(last?.value, `${known}.${key}`).toEqual(held)
      }
    }
  })

  it.each(Seeds.seeds(20))("is told alike by one walk for all moments, seed %i", (seed) => {
    const random = randomHistory("page", seed)
    const keys = ["a", "b", "utm_source"]
    const ids = [...random.tables.memberships.keys()].slice(0, 6)
    for (let at = 1; at <= random.head; at += Math.ceil(random.head / 12)) {
      const effective = random.effectiveAt(Position(at))
      const blames = PropertyBlame.blames(effective, keys)
      const { project, log, startPolicy } = random
      const past = log.filter(({ position }) => position <= at)
      const cut = new History(project, past, startPolicy)
      for (const known of ids) {
        const told = blames.map((blame) => blame.settingsAt(effective, known, at))
        expect(told).toEqual(keys.map((key) => PropertyBlame.settings(cut, known, key)))
      }
    }
  })

  it("to an id, with its causes, a split and a deletion among them", () => {
    const more = [
      ...night,
      { api: "persons.split", distinct_id: "ann", distinct_ids_to_split: ["bobs-phone"] },
      { api: "persons.delete", distinct_id: "bobs-phone" },
    ]
    const known = historyOf(more)
    const story = Story.story(known, id("bobs-phone")).map(({ what }) => what)
    expect(story).toContain("bobs-phone split off from ann")
    expect(story.at(-1)).toBe("deleted")
    expect(Why.why(known, id("ann"), id("bobs-phone")).isSame).toBe(false)
    expect(Why.why(known, id("ann"), id("bobs-phone"), Position(7)).isSame).toBe(true)
  })

  it("to an id: nothing by a retraction of what was about others", () => {
    const ids = { distinct_id: "ann", alias: "bobs-phone", by: "eve", reason: "two people" }
    const retraction = { api: "events.retract", ...ids, event_uuid: uuid(5), uuid: uuid(9) }
    const known = historyOf([...night, event(8, "seen", "carol"), retraction])
    const told = (of: string) => Story.story(known, id(of)).map(({ position }) => Number(position))
    expect(told("carol")).toEqual([8])
    expect(told("ann").at(-1)).toBe(9)
  })

  it("to two ids that are one person no more: what took them apart", () => {
    const by = { by: "eve", reason: "two people" }
    const split = { api: "persons.split", distinct_id: "ann", ...by }
    const ids = { distinct_id: "ann", alias: "bobs-phone" }
    const retraction = { api: "events.retract", ...ids, event_uuid: uuid(5), uuid: uuid(8), ...by }
    const deletion = { api: "persons.delete", distinct_id: "ann", ...by }
    const pair = [id("ann"), id("bobs-phone")] as const
    const apart = (command: object) =>
      WhyForms.why(Why.why(historyOf([...night, command]), ...pair))["separated"]
    for (const command of [split, retraction, deletion]) {
      expect(apart(command)).toMatchObject([{ position: 8, ...by }])
    }
    const again = historyOf([
      ...night,
      retraction,
      { ...retraction, event_uuid: uuid(8), uuid: uuid(9) },
    ])
    expect(Why.why(again, ...pair)).toMatchObject({ isSame: true, separations: [] })
    expect(Why.why(again, ...pair, Position(8)).separations).toHaveLength(1)
  })

  it("to an event: every check in its order, and what would make it pass", () => {
    const refused = history.eventAt(Position(7))
    if (refused === undefined) throw new Error("no event")
    const { checks, remedies, before, after } = Trace.trace(history, refused)
    expect(checks.slice(-3)).toEqual([
      {
        id: "same_person",
        verdict: "pass",
        check: "are they one person already?",
        outcome: "no",
      },
      {
        id: "identified_source",
        verdict: "stop",
        check: expect.stringMatching(/^is .+ refused for being identified\?$/),
        outcome: "yes: only an anonymous id can be merged",
      },
      {
        id: "result",
        verdict: "stop",
        check: "what came of it?",
        outcome: "refused_identified",
      },
    ])
    expect(checks.map(({ id }) => id).slice(0, -3)).toEqual([
      "valid_uuid",
      "asks_for_person",
      "waits",
      "asks_for_merge",
      "same_id",
      "illegal_target",
      "illegal_source",
      "person_of_target",
      "person_of_source",
    ])
    expect(remedies).toHaveLength(1)
    expect([before.length, after.length]).toEqual([1, 2])
  })

  it("to a guard that only observes: that it would refuse, and to who asks nothing: that nothing was left", () => {
    const policy = { ...Presets.page, buffer_enabled: false }
    const lines = [
      identify(1, "ann", "phone"),
      identify(2, "ann", "phone"),
      event(3, "$pageview", "bob"),
      event(4, "$create_alias", "ann", { alias: "bob" }),
      event(5, "$create_alias", "ann", { alias: "ann" }),
    ]
    const observed = historyOf(lines, {
      ...policy,
      guard_ids_per_person: "observe",
      guard_ids_per_person_max: 2,
    })
    const verdictsOf = (position: number) => {
      const recorded = observed.eventAt(Position(position))
      if (recorded === undefined) throw new Error("no event")
      const { checks } = Trace.trace(observed, recorded)
      return Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]))
    }
    expect(verdictsOf(2)).toMatchObject({ same_person: "nothing", result: "told" })
    expect(verdictsOf(4)).toMatchObject({ guard_ids_per_person: "observed", result: "told" })
    expect(verdictsOf(3)).toMatchObject({ waits: "pass", asks_for_merge: "nothing" })
    expect(verdictsOf(5)).toMatchObject({ same_id: "nothing" })
  })

  it("to an event that takes an identified id, as its policy lets it: that it was not refused", () => {
    const lines = [identify(1, "tablet", "cookie"), identify(2, "ann", "tablet")]
    const taken = historyOf(lines, { ...Presets.posthog, buffer_enabled: false })
    const [, last] = taken.log
    if (last === undefined) throw new Error("no event")
    const said = new Map(Trace.trace(taken, last).checks.map((each) => [each.check, each.outcome]))
    expect(said.get("who is tablet?")).toMatch(/, identified$/)
    expect(said.get("is tablet refused for being identified?")).toBe("no")
    expect([...said.keys()]).not.toContain("is tablet identified?")
  })

  it("to a refused event: since when the id belongs to another, and how an operator merges them", () => {
    const refused = history.eventAt(Position(7))
    if (refused === undefined) throw new Error("no event")
    const [remedy] = Trace.trace(history, refused).remedies
    expect(remedy).toContain(`identified since position 1 by event ${uuid(1)}`)
    expect(remedy).toContain("onymous person merge bob bobs-phone --by WHO --reason WHY")
    const odd = historyOf([identify(1, "it's", "a"), identify(2, "b", "it's")])
    const [quoted] = Trace.trace(odd, odd.log[1] ?? refused).remedies
    expect(quoted).toContain("onymous person merge b 'it'\\''s' --by")
    const illegal = historyOf([identify(1, "ann", "NULL"), identify(2, "ann", "null")])
    const [listed] = Trace.trace(illegal, illegal.log[1] ?? refused).remedies
    expect(listed).toContain('"null" is no id of a person, by the policy\'s illegal_ids_exact.')
  })

  it("has the person that an act's own position released out of the buffer", () => {
    const waiting = { ...event(1, "seen", "old"), received_at: "2022-10-25T12:00:00Z" }
    const patch = { api: "persons.patch", distinct_id: "old", properties: { plan: "pro" } }
    const at = { received_at: "2022-10-25T12:01:00Z", uuid: uuid(2) }
    const history = historyOf([waiting, { ...patch, ...at }], Presets.page)
    const act = history.log[1]
    if (act === undefined) throw new Error("There are no lines.")
    const { before, after } = Trace.trace(history, act)
    expect([before, after.map(({ distinctIds }) => distinctIds)]).toEqual([[], [["old"]]])
  })

  it("to an event with an empty source: nobody is behind that", () => {
    const empty = historyOf([
      { event: "$identify", distinct_id: "ann", properties: { $anon_distinct_id: "" } },
    ])
    const [first] = empty.log
    if (first === undefined) throw new Error("no event")
    const { before, after } = Trace.trace(empty, first)
    expect([before, after.map(({ distinctIds }) => distinctIds)]).toEqual([[], [["ann"]]])
  })
})

describe("a point", () => {
  const now = Date.parse("2022-10-25T14:00:06.000Z")
  it.each([
    ["0", 0],
    ["3", 3],
    ["7", 7],
    [uuid(4), 4],
    ["2022-10-25T12:00:02.500Z", 3],
    ["2022-10-25T11:00:00Z", 0],
    ["20221025T120002Z", 3],
    ["20221025T120002,500000000000Z", 3],
    ["20221025T1200", 1],
    ["2022-10-25T12", 1],
    ["2022-10-25T15+03", 1],
    ["2h ago", 7],
    ["7204s", 3],
    ["120 minutes ago", 7],
    ["1 week", 0],
  ])("%s is a position", (text, position) => {
    expect(Point.parse(history, text, now)).toEqual(Result.succeed(position))
  })

  it.each([
    "",
    "yesterday",
    "-1",
    uuid(99),
    "1.5",
    "8",
    "2 mours ago",
    "20221325T12",
    "2022-10-25T",
  ])("%j is none", (text) => {
    expect(Result.isFailure(Point.parse(history, text, now))).toBe(true)
  })
})

describe("a bisection", () => {
  it.each([
    ["same ann bobs-phone", 5, true],
    ['property ann plan = "pro"', 1, false],
    ["property ann plan = free", 6, true],
    ["ids ann > 3", 5, true],
    ["persons > 2", 4, false],
    ["warnings cannot_merge_already_identified > 0", 7, true],
    ["same ann nobody", undefined, true],
  ] as const)("%s", (text, position, isLasting) => {
    const condition = Result.getOrThrow(Bisect.parse(history, text.split(" ")))
    expect(Bisect.bisect(condition)).toEqual({ position, isLasting })
  })

  it.each([
    "same ann",
    "same ann bob carl",
    "persons > 0 and 1",
    "persons > 1 2",
    "ids ann > 5 6",
    "ids ann > 5 and 6",
    "warnings cannot_merge_already_identified > 0 1",
  ])("of %s is refused, because a part of it would be dropped", (text) => {
    const refusal = { field: "condition", expected: expect.stringContaining("same A B") }
    expect(Bisect.parse(history, text.split(" "))).toEqual(Result.fail(refusal))
  })

  it("takes a function", () => {
    const own = Bisect.custom(history, (at) => history.personsAt(at).length === 3)
    expect(Bisect.bisect(own).position).toBe(4)
  })
})
