import { describe, expect, it } from "@effect/vitest"
import { DistinctId } from "../src/event/DistinctId.ts"
import type * as Event from "../src/event/Event.ts"
import * as Identity from "../src/Identity.ts"
import * as Presets from "../src/policy/Presets.ts"
import { dueTimes } from "../src/retraction/DueTimes.ts"
import { Position } from "../src/event/Position.ts"
import * as WaitingQueue from "../src/state/WaitingQueue.ts"
import { historyOf, identify, logOf, project, seen, start } from "./pastLines.ts"

const signup = { event: "signup", distinct_id: "ann", properties: { $set: { plan: "free" } } }
const visit = { event: "$pageview", distinct_id: "device", properties: { $device_id: "device" } }
const login = identify("ann", "device")

/** Events with the second at which the log took each. */
const at = (...steps: ReadonlyArray<readonly [number, object]>): ReadonlyArray<Event.Recorded> =>
  logOf(steps.map(([, wire]) => wire)).map((recorded, index) => ({
    ...recorded,
    recordedAt: start + (steps[index]?.[0] ?? 0) * 1000,
  }))

const ticked = (position: number, second: number): Event.Recorded => ({
  position: Position(position),
  recordedAt: start + second * 1000,
  event: { _tag: "Ticked", uuid: "tick" },
})

const waitingIn = (identity: Identity.Identity) =>
  WaitingQueue.all(identity.waiting).map(({ position }) => Number(position))

const idsOf = (identity: Identity.Identity, id: string) =>
  Identity.components(identity)
    .values()
    .find(({ members }) => members.includes(DistinctId(id)))
    ?.members.toSorted()

describe("a signup that the back end reports before the browser has identified the user", () => {
  it("waits, so that the identify within a minute finds nobody of that id, and lands on one person", () => {
    const log = at([0, visit], [5, signup], [20, login])
    const { identity, last } = historyOf(log, Presets.page)
    expect(waitingIn(identity)).toEqual([2])
    expect(last.some(({ _tag }) => _tag === "ComponentsJoined")).toBe(false)
    const changes = Identity.fold(identity, [ticked(4, 65)])
    expect(changes.find(({ _tag }) => _tag === "Released")).toMatchObject({ event: 2, by: "tick" })
    expect(idsOf(identity, "ann")).toEqual(["ann", "device"])
    expect(Identity.personOf(identity, DistinctId("device"))?.properties).toEqual({ plan: "free" })
  })

  it("makes a person of its own when nobody identified the user in time, which identify then merges", () => {
    const log = at([0, visit], [5, signup], [70, login])
    const { identity, last } = historyOf(log, Presets.page)
    expect(waitingIn(identity)).toEqual([])
    expect(last.map(({ _tag }) => _tag)).toContain("ComponentsJoined")
    expect(idsOf(identity, "ann")).toEqual(["ann", "device"])
  })

  it("is released before the first event at or past its due time, not after it", () => {
    const early = historyOf(at([0, signup], [59, seen("bob")]), Presets.page)
    expect(waitingIn(early.identity)).toEqual([1, 2])
    const due = historyOf(at([0, signup], [60, seen("bob")]), Presets.page)
    expect(due.last.map(({ _tag }) => _tag)).toEqual(["PersonBorn", "Released", "Held"])
  })
})

describe("these never wait", () => {
  it.each([
    ["$identify, merging or not", { event: "$identify", distinct_id: "ann" }],
    ["an alias", { event: "$create_alias", distinct_id: "ann", properties: { alias: "a" } }],
    ["a group", { event: "$groupidentify", distinct_id: "ann" }],
    [
      "a device whose id is a number on one side",
      { event: "$pageview", distinct_id: "12", properties: { $device_id: 12 } },
    ],
    [
      "a device whose id is a number",
      { event: "$pageview", distinct_id: 12, properties: { $device_id: "12" } },
    ],
    ["a snapshot", { event: "$snapshot", distinct_id: "ann" }],
    ["what a browser reports of its own device", visit],
    ["the mobile SDKs", seen("ann", { $lib: "posthog-ios" })],
    ["an event with an invalid uuid, which is dropped", { ...seen("ann"), uuid: "none" }],
  ])("%s", (_, wire) => {
    expect(waitingIn(historyOf(at([0, wire]), Presets.page).identity)).toEqual([])
  })

  it("events of ids that somebody has", () => {
    const { identity } = historyOf(
      at([0, login], [1, seen("ann")], [2, seen("device")]),
      Presets.page,
    )
    expect(waitingIn(identity)).toEqual([])
  })

  it("anything, where the policy has no buffer", () => {
    expect(waitingIn(historyOf(at([0, signup])).identity)).toEqual([])
    expect(waitingIn(historyOf(at([0, signup]), Presets.posthog).identity)).toEqual([])
  })
})

describe("what was held", () => {
  it("is released by due time, then by position, also where the window was shortened", () => {
    const log = at([0, seen("a")], [1, seen("b")])
    const { identity } = historyOf(log, Presets.page)
    const shorter: Event.Recorded = {
      position: Position(3),
      recordedAt: start + 2000,
      event: { _tag: "PolicyChanged", uuid: "p", change: { buffer_window_seconds: 5 } },
    }
    Identity.fold(identity, [
      shorter,
      ...at([3, seen("c")]).map((each) => ({ ...each, position: Position(4) })),
    ])
    expect(waitingIn(identity)).toEqual([4, 1, 2])
  })

  it("keeps its own time, and is processed by the rules that hold when it is released", () => {
    const { identity } = historyOf(
      at([0, seen("ann", { $process_person_profile: false })]),
      Presets.page,
    )
    const posthog: Event.Recorded = {
      position: Position(2),
      recordedAt: start + 1000,
      event: { _tag: "PolicyChanged", uuid: "p", change: { preset: "posthog" } },
    }
    Identity.fold(identity, [posthog, ticked(3, 90)])
    expect(identity.personless).toEqual(new Set(["ann"]))
    const page = historyOf(at([0, seen("ann")]), Presets.page).identity
    Identity.fold(page, [ticked(2, 90)])
    expect(Identity.personOf(page, DistinctId("ann"))?.createdAt).toBe(start)
  })

  it("is a part of the state hash until it is released", () => {
    const held = historyOf(at([0, seen("ann")]), Presets.page).identity
    expect(held.stateHash).not.toEqual(Identity.empty(project).stateHash)
    Identity.fold(held, [ticked(2, 90)])
    const direct = historyOf(at([0, seen("ann")])).identity
    expect(held.stateHash).toEqual(direct.stateHash)
  })
})

it("an id's events may be due as long as no event has surely given it a person: for one window", () => {
  const log = at(...Array.from({ length: 1000 }, (_, second) => [second, signup] as const))
  expect(dueTimes(Presets.page, log)).toHaveLength(60)
})
