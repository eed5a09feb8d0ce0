import { describe, expect, it } from "@effect/vitest"
import { Result } from "effect"
import * as OperatorCommand from "../src/event/OperatorCommand.ts"
import * as RetractionRequest from "../src/event/RetractionRequest.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as EffectiveLog from "../src/retraction/EffectiveLog.ts"
import * as Identity from "../src/Identity.ts"
import { apply } from "../src/state/ApplyChange.ts"
import * as PersonId from "../src/state/PersonId.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import {
  dangerously,
  groupsOf,
  historyOf,
  identify,
  madeUuid,
  pageUnbuffered,
  personOf,
  project,
  propertiesOf,
  record,
  seen,
  typesOf,
} from "./pastLines.ts"
import { logOfSteps, retraction, stateOf, type Step, tick, undo } from "./steps.ts"

const after = (...steps: ReadonlyArray<Step>) => historyOf(logOfSteps(...steps))

const today = (...steps: ReadonlyArray<Step>) => historyOf(logOfSteps(...steps), Presets.posthog)

const idOf = (id: string, generation?: number) => PersonId.of(project, DistinctId(id), generation)

const setting = (id: string, properties: object): Step => seen(id, { $set: properties })

const phone = setting("phone", { plan: "free", theme: "dark" })
const desk = setting("ann", { plan: "pro" })
const merge = identify("ann", "phone", { $set: { merged: true } })

describe("the retraction of an identify", () => {
  it("separates the two ids, each with its properties as if the identify had never come", () => {
    const history = after(phone, desk, merge, undo(3))
    expect(groupsOf(history)).toEqual(["ann", "phone"])
    expect(propertiesOf(history, "phone")).toEqual({ plan: "free", theme: "dark" })
    expect(propertiesOf(history, "ann")).toEqual({ plan: "pro" })
    expect(stateOf(history)).toEqual(stateOf(after(phone, desk)))
  })

  it("gives each id the person that it had before, not identified by it", () => {
    const history = after(phone, desk, merge, undo(3))
    expect(personOf(history, "phone")).toMatchObject({ id: idOf("phone"), isIdentified: false })
    expect(personOf(history, "ann")).toMatchObject({ id: idOf("ann"), isIdentified: false })
  })

  it("that made a person leaves nobody, and a later event makes one of its own", () => {
    expect(groupsOf(after(merge, undo(1)))).toEqual([])
    const history = after(merge, seen("phone"), undo(1))
    expect(groupsOf(history)).toEqual(["phone"])
    expect(personOf(history, "phone")).toMatchObject({ id: idOf("phone"), isIdentified: false })
  })

  it("leaves each event that stays with the person that its id leads to", () => {
    const later = [setting("phone", { seat: 12 }), setting("ann", { team: "core" })]
    const history = after(phone, desk, merge, ...later, undo(3))
    expect(propertiesOf(history, "phone")).toEqual({ plan: "free", theme: "dark", seat: 12 })
    expect(propertiesOf(history, "ann")).toEqual({ plan: "pro", team: "core" })
    const next = after(phone, desk, merge, undo(3), setting("phone", { seat: 14 }))
    expect(propertiesOf(next, "phone")).toMatchObject({ seat: 14 })
    expect(propertiesOf(next, "ann")).toEqual({ plan: "pro" })
  })

  it("takes only that link out of a chain of them", () => {
    const chain = [identify("ann", "phone"), identify("ann", "tablet"), identify("ann", "watch")]
    expect(groupsOf(after(...chain, undo(2)))).toEqual(["ann phone watch"])
    expect(groupsOf(after(...chain, seen("tablet"), undo(2)))).toEqual([
      "ann phone watch",
      "tablet",
    ])
  })

  it("leaves the ids together where another event unites them", () => {
    const history = after(phone, desk, merge, identify("ann", "phone"), undo(3))
    expect(groupsOf(history)).toEqual(["ann phone"])
    expect(personOf(history, "ann")?.isIdentified).toBe(true)
  })

  it("lets a merge pass that was refused because of it, and revokes that warning", () => {
    const steps = [identify("ann", "phone"), seen("bob"), identify("bob", "ann")]
    expect(typesOf(after(...steps))).toEqual(["cannot_merge_already_identified"])
    const history = after(...steps, undo(1))
    expect(history.last.map(({ _tag }) => _tag)).toContain("WarningsRevoked")
    expect(groupsOf(history)).toEqual(["ann bob"])
    expect(stateOf(history).stateHash).toBe(stateOf(after(tick, ...steps.slice(1))).stateHash)
  })

  it("raises a warning where a later merge would not have passed", () => {
    const first = identify("ann", "dev")
    const later = [identify("dev", "phone"), identify("ann", "dev")]
    expect(typesOf(after(first, ...later))).toEqual([])
    // Without the first event, `dev` is the person of `phone` when `ann` claims it.
    const history = after(first, ...later, undo(1))
    expect(groupsOf(history)).toEqual(["ann", "dev phone"])
    expect(typesOf(history)).toEqual(["cannot_merge_already_identified"])
    expect(history.warnings).toMatchObject([{ position: 3 }])
  })

  it("touches nobody else's person", () => {
    const bob = [identify("bob", "tablet"), setting("bob", { plan: "free" })]
    const history = after(...bob, phone, desk, merge, undo(5))
    expect(personOf(history, "bob")).toEqual(personOf(after(...bob), "bob"))
    expect(history.last.map(({ _tag }) => _tag)).toEqual(["ComponentsReplaced", "ConesLinked"])
  })
})

describe("the retraction of a retraction", () => {
  const before = after(phone, desk, merge)

  it("brings the merge back: the state is what it was", () => {
    const back = after(phone, desk, merge, undo(3), undo(4))
    expect(groupsOf(back)).toEqual(["ann phone"])
    expect(stateOf(back)).toEqual(stateOf(before))
  })

  it("keeps what was said in between", () => {
    const between = setting("phone", { seat: 12 })
    const back = after(phone, desk, merge, undo(3), between, undo(4))
    expect(propertiesOf(back, "ann")).toEqual({
      plan: "pro",
      theme: "dark",
      merged: true,
      seat: 12,
    })
  })

  it("can itself be retracted: the event is undone again", () => {
    const again = after(phone, desk, merge, undo(3), undo(4), undo(5))
    expect(stateOf(again)).toEqual(stateOf(after(phone, desk)))
  })

  it("leaves nothing undone, and a retraction that is no longer retracted undoes again", () => {
    const undone = (...undos: ReadonlyArray<number>) =>
      EffectiveLog.undone(logOfSteps(phone, desk, merge, ...undos.map(undo)))
    expect(undone(3)).toEqual(new Set([madeUuid(2)]))
    expect(undone(3, 4)).toEqual(new Set([madeUuid(3)]))
    expect(undone(3, 4, 5)).toEqual(new Set([madeUuid(4), madeUuid(2)]))
  })

  it("of one of two leaves the event undone by the other", () => {
    const apart = stateOf(after(phone, desk))
    expect(stateOf(after(phone, desk, merge, undo(3), undo(3)))).toEqual(apart)
    expect(stateOf(after(phone, desk, merge, undo(3), undo(3), undo(4)))).toEqual(apart)
    const both = after(phone, desk, merge, undo(3), undo(3), undo(4), undo(5))
    expect(stateOf(both)).toEqual(stateOf(before))
  })
})

describe("as of a position before a retraction", () => {
  it("the state is what it was: the retraction's changes all lie at its own position", () => {
    const log = logOfSteps(phone, desk, merge, seen("bob"), undo(3))
    const { all, last } = historyOf(log)
    expect(new Set(last.map(({ position }) => position))).toEqual(new Set([5]))
    const identity = Identity.empty(project, pageUnbuffered)
    const earlier = all.filter(({ position }) => position < 5)
    for (const change of earlier) apply(identity, change)
    expect(stateOf({ identity })).toEqual(stateOf(historyOf(log.slice(0, 4))))
    for (const change of last) apply(identity, change)
    expect(stateOf({ identity })).toEqual(stateOf(historyOf(log)))
  })
})

describe("the retraction of what an operator did", () => {
  const trio = [identify("ann", "b", { $set: { plan: "pro" } }), identify("ann", "c")]

  it("brings back the merge that a split took apart, and its properties", () => {
    const split = { api: "persons.split", distinct_id: "ann" }
    expect(groupsOf(after(...trio, split))).toEqual(["ann", "b", "c"])
    const history = after(...trio, split, undo(3))
    expect(groupsOf(history)).toEqual(["ann b c"])
    expect(stateOf(history)).toEqual(stateOf(after(...trio)))
    const named = { ...split, main_distinct_id: "b" }
    expect(stateOf(after(...trio, named, undo(3)))).toEqual(stateOf(after(...trio)))
  })

  it("brings a deleted person back, with its id", () => {
    const gone = { api: "persons.delete", distinct_id: "b" }
    const history = after(...trio, gone, undo(3))
    expect(stateOf(history)).toEqual(stateOf(after(...trio)))
    expect(personOf(history, "c")).toMatchObject({ id: idOf("ann"), properties: { plan: "pro" } })
    const next = after(...trio, gone, seen("ann"), undo(3), setting("c", { n: 1 }))
    expect(groupsOf(next)).toEqual(["ann b c"])
    expect(propertiesOf(next, "ann")).toEqual({ plan: "pro", n: 1 })
  })

  it("separates two persons that were joined on purpose", () => {
    const join = { api: "persons.merge", distinct_id: "ann", alias: "carol" }
    const two = [...trio, identify("carol", "d")]
    expect(groupsOf(after(...two, join))).toEqual(["ann b c carol d"])
    expect(stateOf(after(...two, join, undo(4)))).toEqual(stateOf(after(...two)))
  })

  it("gives a property that was edited the value that it had", () => {
    const patch = { api: "persons.patch", distinct_id: "c", properties: { plan: "free", n: 1 } }
    const unset = { api: "persons.delete_property", distinct_id: "c", $unset: ["plan"] }
    expect(propertiesOf(after(...trio, patch, undo(3)), "b")).toEqual({ plan: "pro" })
    expect(propertiesOf(after(...trio, unset, undo(3)), "b")).toEqual({ plan: "pro" })
  })
})

describe("the retraction of an event that sets properties", () => {
  it("gives the older value, or none", () => {
    const steps = [setting("ann", { plan: "free" }), setting("ann", { plan: "pro", n: 1 })]
    expect(propertiesOf(after(...steps, undo(2)), "ann")).toEqual({ plan: "free" })
    expect(propertiesOf(after(...steps, undo(1)), "ann")).toEqual({ plan: "pro", n: 1 })
  })

  it("lets a later $set_once speak", () => {
    const once = seen("ann", { $set_once: { plan: "free" } })
    const history = after(setting("ann", { plan: "pro" }), once, undo(1))
    expect(propertiesOf(history, "ann")).toEqual({ plan: "free" })
  })

  it("leaves a later value as it is, but for the version", () => {
    const steps = [1, 2, 3].map((n) => setting("ann", { n }))
    const history = after(...steps, undo(2))
    expect(personOf(history, "ann")).toMatchObject({ properties: { n: 3 }, version: 1 })
  })
})

describe("the retraction of an event that was refused", () => {
  it("revokes the warning of an illegal identify", () => {
    const history = after(seen("ann"), identify("ann", "null"), undo(2))
    expect(history.last).toMatchObject([
      {
        _tag: "WarningsRevoked",
        position: 3,
        event: 2,
        warnings: [{ type: "cannot_merge_with_illegal_distinct_id", position: 2 }],
      },
    ])
    expect(stateOf(history)).toEqual(stateOf(after(seen("ann"))))
  })

  it("gives the same warning back when it is itself retracted", () => {
    const before = [seen("ann"), identify("ann", "null")]
    const history = after(...before, undo(2), undo(3))
    expect(history.last.map(({ _tag }) => _tag)).toEqual(["Warned"])
    expect(stateOf(history)).toEqual(stateOf(after(...before)))
  })

  it("forgets that it was counted by the guard of refusals", () => {
    const policy = { ...pageUnbuffered, guard_refusals_per_id: "observe" as const }
    const log = logOfSteps(seen("ann"), identify("ann", "null"), identify("ann", "guest"), undo(2))
    const { identity } = historyOf(log, policy)
    expect(Object.fromEntries(identity.refusals)).toMatchObject({ ann: 1, null: 0, guest: 1 })
  })

  it("of an event with an invalid uuid revokes its warning", () => {
    const dropped = { ...seen("ann"), uuid: "none" }
    expect(typesOf(after(dropped))).toEqual(["skipping_event_invalid_uuid"])
    const history = after(dropped, undo(1))
    expect(history.last.map(({ _tag }) => _tag)).toEqual(["WarningsRevoked"])
  })
})

describe("the retraction of an event that waits", () => {
  const policy: Policy.Policy = { ...Presets.page, buffer_window_seconds: 5 }
  const waited = (...steps: ReadonlyArray<Step>) => historyOf(logOfSteps(...steps), policy)
  const signup = setting("ann", { plan: "free" })

  it("lets it wait no more: it is never processed", () => {
    expect(stateOf(waited(signup)).waiting).toEqual([1])
    const history = waited(signup, undo(1))
    expect(history.last).toMatchObject([{ _tag: "Unheld", position: 2, waiting: { position: 1 } }])
    expect(stateOf(history)).toEqual(stateOf(waited()))
    const later = waited(signup, undo(1), tick, tick, tick, tick, tick)
    expect(groupsOf(later)).toEqual([])
  })

  it("has it wait again where the retraction is retracted in time", () => {
    const history = waited(signup, undo(1), undo(2))
    expect(stateOf(history)).toEqual(stateOf(waited(signup)))
    const later = waited(signup, undo(1), undo(2), tick, tick, tick)
    expect(propertiesOf(later, "ann")).toEqual({ plan: "free" })
  })

  it("has it processed where that comes after its time", () => {
    const history = waited(signup, undo(1), tick, tick, tick, tick, undo(2))
    expect(stateOf(history)).toEqual(stateOf(waited(signup, tick, tick, tick, tick, tick, tick)))
    expect(propertiesOf(history, "ann")).toEqual({ plan: "free" })
  })

  it("that another made needless lets later ones wait for themselves", () => {
    // The first identify gave `ann` a person, so that nothing of hers had to wait.
    const history = waited(identify("ann", "phone"), setting("phone", { n: 1 }), undo(1))
    expect(groupsOf(history)).toEqual([])
    expect(stateOf(history).waiting).toEqual([2])
    const later = waited(identify("ann", "phone"), setting("phone", { n: 1 }), undo(1), ...ticks(4))
    expect(propertiesOf(later, "phone")).toEqual({ n: 1 })
  })

  it("undoes one that was released like any other", () => {
    const history = waited(signup, ...ticks(5), undo(1))
    expect(groupsOf(history)).toEqual([])
  })
})

const ticks = (count: number): ReadonlyArray<Step> => Array.from({ length: count }, () => tick)

describe("the retraction of an event without a person", () => {
  const personless = seen("ann", { $process_person_profile: false })

  it("forgets that its id was used so, and remembers it when it is itself retracted", () => {
    expect(today(personless, undo(1)).identity.personless).toEqual(new Set())
    expect(today(personless, personless, undo(1)).identity.personless).toEqual(new Set(["ann"]))
    const history = today(personless, undo(1), undo(2))
    expect(history.identity.personless).toEqual(new Set(["ann"]))
  })
})

describe("a retraction changes nothing", () => {
  const steps = [phone, desk, merge]

  it("of a change of policy: what came under it stays as it is", () => {
    const attach = { policy: { identified_source_new_target: "attach" as const } }
    const history = after(identify("ann", "phone"), attach, identify("new", "ann"), undo(2))
    expect(groupsOf(history)).toEqual(["ann new phone"])
    expect(history.last).toEqual([])
    expect(history.identity.policy.identified_source_new_target).toBe("attach")
  })

  it("of a tick", () => {
    expect(after(...steps, tick, undo(4)).last).toEqual([])
  })

  it("of an event that is not in the log, or not yet", () => {
    const log = logOfSteps(...steps)
    const [late] = logOfSteps(setting("ann", { plan: "late" }))
    if (late === undefined) throw new Error("no event")
    const event = { ...late.event, uuid: madeUuid(9) }
    const early = [...log, record(retraction(event, madeUuid(3)), 3)]
    expect(historyOf(early).last).toEqual([])
    const then = [...early, record(event, 4), record(retraction(log[0]?.event, madeUuid(5)), 5)]
    expect(propertiesOf(historyOf(then), "ann")).toEqual({ plan: "late", merged: true })
  })

  it("of itself", () => {
    const log = logOfSteps(...steps)
    const itself = { ...retraction(log[2]?.event, madeUuid(3)), eventUuid: madeUuid(3) }
    expect(historyOf([...log, record(itself, 3)]).last).toEqual([])
  })

  it("of an event that did nothing, or that is undone already", () => {
    expect(after(...steps, identify("ann", "ann"), undo(4)).last).toEqual([])
    expect(after(...steps, undo(3), undo(3)).last).toEqual([])
  })
})

it("given a retraction that names another id, then it undoes nothing, now and later", () => {
  const misnamed = { api: "events.retract", distinct_id: "zed", event_uuid: madeUuid(0) }
  const log = [merge, misnamed, identify("zed", "ann"), identify("zed", "zed"), undo(4)]
  expect(stateOf(after(...log))).toEqual(stateOf(after(merge, tick, log[2] ?? tick, tick, tick)))
})

it("given a dangerous merge that was none, then undoing what it met reaches whom it names", () => {
  const log = logOfSteps(
    identify("ann", "phone"),
    identify("carol", "dev", { $set: { plan: "pro" } }),
    dangerously("ann", "carol"),
    { policy: { merge_dangerously: true } },
    tick,
    tick,
    tick,
    undo(1),
  )
  const policy = { ...Presets.page, buffer_window_seconds: 3 }
  const found = historyOf(log, policy)
  expect(stateOf(found)).toEqual(stateOf(historyOf(EffectiveLog.effective(log), policy)))
  expect(Identity.personOf(found.identity, DistinctId("carol"))?.properties).toEqual({
    plan: "pro",
  })
})

describe("what a retraction has to tell", () => {
  const body = { event_uuid: madeUuid(1), by: "ann", reason: "a shared phone" }
  const decode = (given: object) =>
    Result.mapError(
      RetractionRequest.decode(JSON.parse(JSON.stringify(given))),
      ({ field }) => field,
    )

  it("is which event, by whom, and why", () => {
    const { event_uuid: eventUuid, ...rest } = body
    expect(decode(body)).toEqual(Result.succeed({ eventUuid, ...rest }))
    const upper = { ...body, event_uuid: eventUuid.toUpperCase() }
    expect(decode(upper)).toEqual(Result.succeed({ eventUuid, ...rest }))
  })

  it.each([
    [{ event_uuid: undefined }, "event_uuid"],
    [{ event_uuid: "none" }, "event_uuid"],
    [{ event_uuid: 7 }, "event_uuid"],
    [{ by: undefined }, "by"],
    [{ by: null }, "by"],
    [{ by: " " }, "by"],
    [{ by: 7 }, "by"],
    [{ reason: undefined }, "reason"],
    [{ reason: "" }, "reason"],
    [{ reason: ["x"] }, "reason"],
  ])("%j instead is refused by the name of its field", (wrong, field) => {
    expect(decode({ ...body, ...wrong })).toEqual(Result.fail(field))
    const command = { api: "events.retract", distinct_id: "ann", ...body, ...wrong }
    const decoded = OperatorCommand.decode(JSON.parse(JSON.stringify(command)), madeUuid(2))
    expect(Result.mapError(decoded, (invalid) => invalid.field)).toEqual(Result.fail(field))
  })

  it("is read back from what it is written as, also where its event has an empty source", () => {
    const nameless = identify("ann", "")
    const events = logOfSteps(merge, undo(1), undo(2), nameless, undo(4)).map(({ event }) => event)
    for (const event of events) {
      if (event._tag !== "Retracted") continue
      const named = { ...event, source: event.source ?? DistinctId("") }
      for (const each of [event, named]) {
        expect(OperatorCommand.decode(OperatorCommand.encode(each), each.uuid)).toEqual(
          Result.succeed(event),
        )
      }
    }
  })
})
