import { describe, expect, it } from "@effect/vitest"
import type { Recorded } from "../src/event/Event.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import {
  groupsOf,
  historyOf,
  identify,
  logOf,
  pageUnbuffered,
  personOf,
  seen,
  start,
  typesOf,
} from "./pastLines.ts"

const under = (change: Policy.PolicyChange, ...events: ReadonlyArray<object>) =>
  historyOf(logOf(events), { ...pageUnbuffered, ...change })

describe("too many ids in one person", () => {
  const max = { guard_ids_per_person_max: 2 }
  const events = [identify("ann", "b"), identify("ann", "c")]

  it("are nobody's business while the guard is off", () => {
    const history = under({ ...max, guard_ids_per_person: "off" }, ...events)
    expect([groupsOf(history), typesOf(history)]).toEqual([["ann b c"], []])
  })

  it("are told by a guard that observes, which refuses nothing", () => {
    const history = under({ ...max, guard_ids_per_person: "observe" }, ...events)
    expect(groupsOf(history)).toEqual(["ann b c"])
    expect(history.warnings).toMatchObject([
      { type: "guard_ids_per_person", details: { refused: false, ids: 3, max: 2 } },
    ])
  })

  it("are refused by a guard that enforces; the target is identified, the event kept", () => {
    const later = seen("c", { $set: { own: true } })
    const history = under({ ...max, guard_ids_per_person: "enforce" }, ...events, later)
    expect(groupsOf(history)).toEqual(["ann b", "c"])
    expect(history.warnings).toMatchObject([
      { type: "guard_ids_per_person", details: { refused: true, sourcePersonDistinctId: "c" } },
    ])
    expect(personOf(history, "ann")?.isIdentified).toBe(true)
  })

  it("are as many as the threshold says, exactly", () => {
    const history = under(
      { guard_ids_per_person: "enforce", guard_ids_per_person_max: 3 },
      ...events,
    )
    expect([groupsOf(history), typesOf(history)]).toEqual([["ann b c"], []])
  })
})

describe("too many ids that join within an hour", () => {
  const policy = { guard_new_ids_per_hour: "enforce", guard_new_ids_per_hour_max: 2 } as const
  const log = (...minutes: ReadonlyArray<number>): ReadonlyArray<Recorded> =>
    logOf(minutes.map((_, index) => identify("ann", `device-${index}`))).map((recorded, index) => ({
      ...recorded,
      recordedAt: start + (minutes[index] ?? 0) * 60_000,
    }))

  it("are refused, and again allowed an hour after the first of them", () => {
    const policied = { ...pageUnbuffered, ...policy }
    expect(typesOf(historyOf(log(0, 1), policied))).toEqual(["guard_new_ids_per_hour"])
    expect(typesOf(historyOf(log(0, 60), policied))).toEqual([])
    expect(typesOf(historyOf(log(0, 59, 60, 61), policied))).toEqual(["guard_new_ids_per_hour"])
  })
})

describe("an id that turned up in too many refusals", () => {
  const refused = [identify("ann", "b"), identify("carol", "d"), identify("carol", "ann")]
  const policy = { guard_refusals_per_id: "enforce", guard_refusals_per_id_max: 1 } as const

  it("is refused from then on, also where the rules would allow it", () => {
    const history = under(policy, ...refused, identify("carol", "e"))
    expect(typesOf(history)).toEqual(["cannot_merge_already_identified", "guard_refusals_per_id"])
    expect(groupsOf(history)).toEqual(["ann b", "carol d"])
  })

  it("is not counted while the guard is off", () => {
    const history = under(
      { ...policy, guard_refusals_per_id: "off" },
      ...refused,
      identify("carol", "e"),
    )
    expect(groupsOf(history)).toEqual(["ann b", "carol d e"])
    expect(history.identity.refusals.size).toBe(0)
  })
})

describe("a link of two identified persons, which only looser rules allow", () => {
  const events = [
    identify("ann", "b"),
    identify("carol", "d"),
    { event: "$merge_dangerously", distinct_id: "ann", properties: { alias: "carol" } },
  ]

  it.each([
    ["off", ["ann b carol d"], []],
    ["observe", ["ann b carol d"], ["guard_identified_parts"]],
    ["enforce", ["ann b", "carol d"], ["guard_identified_parts"]],
  ] as const)("with the guard %s", (mode, groups, types) => {
    const policy = { ...Presets.posthog, guard_identified_parts: mode }
    const history = historyOf(logOf(events), policy)
    expect([groupsOf(history), typesOf(history)]).toEqual([groups, types])
  })
})
