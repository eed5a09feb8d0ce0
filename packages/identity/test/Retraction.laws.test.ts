import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Seeds from "@onymous/simulator/random/Seeds"
import * as Cones from "../src/state/Cones.ts"
import { DistinctId } from "../src/event/DistinctId.ts"
import * as ConePast from "../src/retraction/ConePast.ts"
import { dueTimes } from "../src/retraction/DueTimes.ts"
import * as EffectiveLog from "../src/retraction/EffectiveLog.ts"
import { LogById } from "../src/retraction/LogById.ts"
import type * as Event from "../src/event/Event.ts"
import * as Identity from "../src/Identity.ts"
import { apply } from "../src/state/ApplyChange.ts"
import { UndoneEvents } from "../src/retraction/UndoneEvents.ts"
import * as Policy from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"
import * as StateHash from "../src/state/StateHash.ts"
import { historyOf, project } from "./pastLines.ts"
import { logOfSteps, stateOf, type Step, tick, undo } from "./steps.ts"

/** Only a handful of ids, so that most of them meet; two are illegal, one of them only for a while. */
const Id = Schema.Literals(["a", "b", "c", "d", "e", "f", "own", "null"])

const changes = {
  posthog: { preset: "posthog" },
  page: { preset: "page" },
  buffer: { buffer_enabled: true, buffer_window_seconds: 3 },
  attach: { identified_source_new_target: "attach" },
  illegal: { own_illegal_ids: ["own"] },
  legal: { own_illegal_ids: [] },
  personless: { personless_events: true },
  optOut: { person_processing_opt_out: true, personless_events: true },
  ids: { guard_ids_per_person: "enforce", guard_ids_per_person_max: 2 },
  hour: { guard_new_ids_per_hour: "enforce", guard_new_ids_per_hour_max: 2 },
  refusals: { guard_refusals_per_id: "enforce", guard_refusals_per_id_max: 2 },
  parts: { guard_identified_parts: "observe" },
  dangerous: { merge_dangerously: true },
} as const satisfies Record<string, Policy.PolicyChange>

const names = [
  "posthog",
  "page",
  "buffer",
  "attach",
  "illegal",
  "legal",
  "personless",
  "optOut",
  "ids",
  "hour",
  "refusals",
  "parts",
  "dangerous",
] as const

const Act = Schema.Literals([
  "seen",
  "set",
  "personless",
  "$identify",
  "$identify",
  "$create_alias",
  "$merge_dangerously",
  "persons.merge",
  "persons.split",
  "persons.delete",
  "persons.patch",
  "policy",
  "tick",
  "undo",
  "undo",
  "misnamed",
])

const Made = Schema.Struct({
  act: Act,
  id: Id,
  other: Id,
  change: Schema.Literals(names),
  number: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 })),
})

const Steps = Schema.Array(Made).check(Schema.isMinLength(1), Schema.isMaxLength(24))

const More = Schema.Array(Made).check(Schema.isMaxLength(8))

const stepOf = ({ act, id, other, change, number }: typeof Made.Type, index: number): Step => {
  const event = { event: act, distinct_id: id }
  const operation = { api: act, distinct_id: id }
  const $set = { [`k${number % 2}`]: number % 3 }
  switch (act) {
    case "seen":
      return event
    case "set":
      return { ...event, properties: { $set } }
    case "personless":
      return { ...event, properties: { $set, $process_person_profile: false } }
    case "$identify":
      return { ...event, properties: { $set, $anon_distinct_id: other } }
    case "$create_alias":
    case "$merge_dangerously":
      return { ...event, properties: { alias: other } }
    case "persons.merge":
      return id === other ? tick : { ...operation, alias: other }
    case "persons.split":
    case "persons.delete":
      return operation
    case "persons.patch":
      return { ...operation, properties: $set }
    case "policy":
      return { policy: changes[change] }
    case "tick":
      return tick
    case "undo":
      return index === 0 ? tick : undo(1 + (number % index))
    case "misnamed":
      return index === 0 ? tick : { undo: 1 + (number % index), naming: id }
  }
}

const stepsOf = (made: ReadonlyArray<typeof Made.Type>, from = 0): ReadonlyArray<Step> =>
  made.map((each, index) => stepOf(each, from + index))

/** The same steps where two more lie before them, after the first `from`. */
const shifted = (steps: ReadonlyArray<Step>, from: number): ReadonlyArray<Step> =>
  steps.map((step) =>
    "undo" in step && step.undo > from ? { ...step, undo: step.undo + 2 } : step,
  )

const workers = [0, 1, 2]

/** The log of a worker: the events of its cones and every change of policy; all other events become ticks. */
const shareOf = (
  log: ReadonlyArray<Event.Recorded>,
  worker: number,
  coneOf: (id: DistinctId) => DistinctId,
): ReadonlyArray<Event.Recorded> =>
  log.map((recorded) => {
    const { event } = recorded
    if (!("distinctId" in event)) return recorded
    const dealtTo = (StateHash.ofDistinctId(coneOf(event.distinctId)).first >>> 0) % workers.length
    return dealtTo === worker
      ? recorded
      : { ...recorded, event: { _tag: "Ticked", uuid: event.uuid } }
  })

const firstOf = (ids: Iterable<DistinctId>) => [...ids].toSorted()[0]

const ids = [...new Set(Id.literals)].map((id) => DistinctId(id))

/** The cone of each id, as one text. */
const conesIn = (identity: Identity.Identity): ReadonlyMap<DistinctId, string> =>
  new Map(ids.map((id) => [id, [...Cones.of(identity, [id])].toSorted().join(" ")]))

const options = { arbitrary: Seeds.options(400) }

it.prop(
  "a retraction turns one event at most, down all the retractions that it turns on the way",
  [Steps],
  ([made]) => {
    const log = logOfSteps(...stepsOf(made))
    const events = new UndoneEvents()
    let before: ReadonlySet<string> = new Set()
    for (const [index, { event, position }] of log.entries()) {
      const after = EffectiveLog.undone(log.slice(0, index + 1))
      const turned = log.filter(
        ({ event: { _tag, uuid } }) => _tag !== "Retracted" && before.has(uuid) !== after.has(uuid),
      )
      for (const each of log.slice(0, index)) {
        if (each.event._tag === "Retracted") continue
        expect(events.wasUndone(each.event.uuid, position)).toBe(before.has(each.event.uuid))
      }
      events.add({ event, position, recordedAt: 0 })
      const turn = events.turnAt(position)
      expect(turn === undefined ? [] : [turn.event.event.uuid]).toEqual(
        turned.map((each) => each.event.uuid),
      )
      if (turn !== undefined) expect(turn.isUndone).toBe(after.has(turn.event.event.uuid))
      before = after
    }
  },
  options,
)

describe.each(["page", "posthog"] as const)("under the preset %s", (preset) => {
  const policy = Presets.presets[preset]
  const stateAfter = (steps: ReadonlyArray<Step>) =>
    stateOf(historyOf(logOfSteps(...steps), policy))

  it.prop(
    "the state is that of the log without what is undone",
    [Steps],
    ([made]) => {
      const log = logOfSteps(...stepsOf(made))
      const without = historyOf(EffectiveLog.effective(log), policy)
      expect(stateOf(historyOf(log, policy))).toEqual(stateOf(without))
    },
    options,
  )

  it.prop(
    "an event retracted, and its retraction retracted, is as if neither had been, also later",
    [Steps, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 })), More],
    ([made, number, more]) => {
      const steps = stepsOf(made)
      const undone = undo(1 + (number % steps.length))
      const back = undo(steps.length + 1)
      const later = shifted(stepsOf(more, steps.length), steps.length)
      expect(stateAfter([...steps, undone, back])).toEqual(stateAfter([...steps, tick, tick]))
      expect(stateAfter([...steps, undone, back, ...later])).toEqual(
        stateAfter([...steps, tick, tick, ...later]),
      )
    },
    options,
  )

  it.prop(
    "the changes alone move an identity to the same state",
    [Steps],
    ([made]) => {
      const log = logOfSteps(...stepsOf(made))
      const moved = Identity.empty(project, policy)
      const { identity, all } = historyOf(log, policy)
      for (const change of all) apply(moved, change)
      expect(stateOf({ identity: moved })).toEqual(stateOf({ identity }))
    },
    options,
  )

  it.prop(
    "a cone never falls apart, and grows only by an event that names an id of each part",
    [Steps],
    ([made]) => {
      const log = logOfSteps(...stepsOf(made))
      const identity = Identity.empty(project, policy)
      for (const recorded of log) {
        const before = conesIn(identity)
        const past = ConePast.pastOf(identity, policy, new LogById(log), recorded)
        const released = Identity.fold(identity, [recorded], past).flatMap((change) =>
          change._tag === "Released" ? (log[change.event - 1] ?? []) : [],
        )
        // Released events may join cones at this position, like the recorded event.
        const mayJoin = [recorded, ...released].filter(
          ({ event }) => event._tag === "Captured" || event._tag === "PersonsMerged",
        )
        const named = [...Identity.touched(mayJoin)]
        const parts = new Set(named.map((id) => before.get(id)))
        const joined = named.map((id) => [...Cones.of(identity, [id])].toSorted().join(" "))
        for (const [id, cone] of conesIn(identity)) {
          const was = before.get(id)
          expect(parts.has(was) ? [was, ...joined] : [was]).toContain(cone)
          for (const part of was?.split(" ") ?? []) expect(cone.split(" ")).toContain(part)
        }
      }
    },
    options,
  )

  it.prop(
    "whatever waits, whichever events are undone until then, is due at one of the log's due times",
    [Steps],
    ([made]) => {
      const log = logOfSteps(...stepsOf(made))
      const times = dueTimes(policy, log)
      for (const end of log.keys()) {
        const life = [...EffectiveLog.effective(log.slice(0, end)), ...log.slice(end)]
        for (const change of historyOf(life, policy).all) {
          if (change._tag === "Held") expect(times).toContain(change.waiting.dueAt)
        }
      }
    },
    options,
  )

  it.prop(
    "cones dealt out to workers come to the sum of the serial fold, each told what time it is elsewhere",
    [Steps],
    ([made]) => {
      const log = logOfSteps(...stepsOf(made))
      const { identity } = historyOf(log, policy)
      const hashes = workers.map((worker) => {
        const share = shareOf(log, worker, (id) => firstOf(Cones.of(identity, [id])) ?? id)
        return Identity.settle(historyOf(share, policy).identity)
      })
      expect(hashes.reduce(StateHash.add)).toEqual(Identity.settle(identity))
    },
    options,
  )
})
