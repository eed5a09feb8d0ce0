import { Result } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Identity from "@onymous/identity/Identity"
import type { Policy } from "@onymous/identity/policy/Policy"
import { Position } from "@onymous/identity/event/Position"
import * as ConePast from "@onymous/identity/retraction/ConePast"
import { LogById } from "@onymous/identity/retraction/LogById"
import type { Waiting } from "@onymous/identity/state/WaitingQueue"
import type { Due, Wanted } from "@onymous/persons/PersonStore"

/** A small seeded generator (mulberry32): the same seed, the same log. */
export const random = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const ids = ["a", "b", "c", "d", "e", "f", "g", "null", "Guest"]

type Pick = <A>(values: ReadonlyArray<A>) => A | undefined

export const uuidOf = (index: number): string =>
  `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`

const captured = (pick: Pick, next: () => number, uuid: string): Event.Incoming => {
  const name = pick(["$identify", "$create_alias", "$merge_dangerously", "e", "e", "e"])
  const wire = {
    event: name,
    distinct_id: pick(ids),
    uuid,
    properties: {
      ...(name === "$identify" ? { $anon_distinct_id: pick(ids) } : { alias: pick(ids) }),
      ...(next() < 0.4 && {
        $set: { [pick(["k", "__proto__", "l"]) ?? "k"]: Math.floor(next() * 3) },
      }),
      ...(next() < 0.2 && { $unset: ["k"] }),
      ...(next() < 0.2 && { $process_person_profile: false }),
    },
  }
  return Result.getOrThrow(EventDecoder.decode(wire, () => uuid))
}

const operated = (pick: Pick, uuid: string): Event.Incoming => {
  const api = pick(["persons.split", "persons.delete", "persons.patch", "persons.merge"])
  const body = {
    api: api ?? "persons.split",
    distinct_id: pick(["a", "b", "c"]) ?? "a",
    properties: { k: 9 },
    alias: pick(["d", "e", "f"]) ?? "d",
    by: "somebody",
    reason: "a test",
  }
  return { event: Result.getOrThrow(OperatorCommand.decode(body, uuid)), payload: "{}" }
}

const changed = (pick: Pick, uuid: string): Event.Incoming => {
  const change = pick([
    { buffer_enabled: true, buffer_window_seconds: 5 },
    { buffer_window_seconds: 2 },
    { preset: "posthog" as const },
    { preset: "page" as const },
    { guard_new_ids_per_hour: "enforce" as const, guard_new_ids_per_hour_max: 2 },
    { guard_refusals_per_id: "observe" as const, guard_refusals_per_id_max: 1 },
  ])
  return { event: { _tag: "PolicyChanged", uuid, change: change ?? {} }, payload: "{}" }
}

/** Events as clients send them, about few ids, so that most of them meet. */
export const simpleEvents = (seed: number, length: number): ReadonlyArray<Event.Incoming> => {
  const next = random(seed)
  const pick: Pick = (values) => values[Math.floor(next() * values.length)]
  return Array.from({ length }, (_, index) => captured(pick, next, uuidOf(index)))
}

/** Random events with policy changes, ticks and operators' acts among them. */
export const randomEvents = (seed: number, length: number): ReadonlyArray<Event.Incoming> => {
  const next = random(seed)
  const pick: Pick = (values) => values[Math.floor(next() * values.length)]
  return Array.from({ length }, (_, index) => {
    const kind = next()
    if (kind < 0.04) return changed(pick, uuidOf(index))
    if (kind < 0.1) return operated(pick, uuidOf(index))
    if (kind < 0.14) return { event: { _tag: "Ticked", uuid: uuidOf(index) }, payload: "{}" }
    return captured(pick, next, uuidOf(index))
  })
}

/** Random events with retractions among them, some of retractions. */
export const retractedEvents = (seed: number, length: number): ReadonlyArray<Event.Incoming> => {
  const next = random(seed + 1_000_003)
  const events: Array<Event.Incoming> = []
  for (const incoming of randomEvents(seed, length)) {
    const earlier = events[Math.floor(next() * events.length)]?.event
    if (next() > 0.12 || earlier === undefined || !("distinctId" in earlier)) {
      events.push(incoming)
      continue
    }
    const { distinctId } = earlier
    const source = "source" in earlier ? earlier.source : undefined
    const event: Event.Retracted = {
      _tag: "Retracted",
      uuid: incoming.event.uuid,
      eventUuid: earlier.uuid,
      distinctId,
      ...(source !== undefined && { source }),
      by: "somebody",
      reason: "a test",
    }
    events.push({ event, payload: "{}" })
  }
  return events
}

/** The past that a page with a retraction reads. */
export const pastOf = (
  policy: Policy,
  log: ReadonlyArray<Event.Recorded>,
  [first]: ReadonlyArray<Event.Recorded>,
  conesOf: (ids: ReadonlySet<DistinctId>) => ReadonlySet<DistinctId>,
): ConePast.Past | undefined => {
  if (first?.event._tag !== "Retracted") return undefined
  const ids = conesOf(Identity.touched([first]))
  return ConePast.pastIn(policy, new LogById(log), ids, first)
}

/** The part of the state that a page reads, with the waiting events that are due before its end. */
export const wantedBy = (
  page: ReadonlyArray<Event.Recorded>,
  waiting: ReadonlyArray<Waiting>,
  past?: ConePast.Past,
): Wanted => ({
  ids: new Set([...Identity.touched([...waiting, ...page]), ...(past?.ids ?? [])]),
  isWhole: page.some(({ event }) => Identity.needsWhole(event)),
  changesPolicy: page.some(({ event }) => event._tag === "PolicyChanged"),
  waiting,
})

/** The waiting events of a log that are due. */
export const waitingOf = (
  log: ReadonlyArray<Event.Recorded>,
  due: ReadonlyArray<Due>,
): ReadonlyArray<Waiting> =>
  due.flatMap(({ position, dueAt }) => {
    const recorded = log[position - 1]
    return recorded?.event._tag === "Captured"
      ? [{ position, dueAt, recordedAt: recorded.recordedAt, event: recorded.event }]
      : []
  })

/** The events with positions from 1 on, recorded a second apart. */
export const recorded = (events: ReadonlyArray<Event.Incoming>): ReadonlyArray<Event.Recorded> =>
  events.map(({ event }, index) => ({
    position: Position(index + 1),
    recordedAt: 1_666_699_200_000 + index * 1000,
    event,
  }))
