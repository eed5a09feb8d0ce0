import type { Services } from "onymous"
import type { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { Array as Arr, Effect, Result } from "effect"
import { randomUUID } from "node:crypto"
import * as Event from "@onymous/identity/event/Event"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import type { PolicyChange } from "@onymous/identity/policy/Policy"

/** Events in one append. */
export const batchSize = 1000

/** Visits of each user. */
const visitsPerUser = 5

/** New distinct ids per event: one per visit and one per user. */
export const idsPerEvent = (1 + 1 / visitsPerUser) / 10

const pad = "x".repeat(300)

/**
 * A UUID of version 7, as SDKs make them: it starts with the time, so that an index grows at its
 * end.
 */
const newUuid = (): string => {
  const time = Date.now().toString(16).padStart(12, "0")
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
}

/** Decodes an event as capture does. */
export const decode = (
  event: string,
  distinct_id: string,
  properties: Readonly<Record<string, unknown>>,
): Event.Incoming =>
  Result.getOrThrow(EventDecoder.decode({ event, distinct_id, properties }, newUuid))

/** An event that changes the policy. */
export const policyEvent = (change: PolicyChange): Event.Incoming => ({
  event: { _tag: "PolicyChanged", uuid: randomUUID(), change },
  payload: "{}",
})

/**
 * The event at an index of a log of `count` events. Ten events are a visit: four anonymous page
 * views, an identify and five page views of the user. A user visits five times: the first identify
 * gives the user's id to the anonymous person, each later one merges a person. Crowds have no
 * persons in common.
 */
export const eventAt = (index: number, count: number, crowd = ""): Event.Incoming => {
  const visit = Math.trunc(index / 10)
  const step = index % 10
  const anonymous = `anonymous-${crowd}${visit}`
  const user = `user-${crowd}${visit % Math.max(1, Math.trunc(count / (10 * visitsPerUser)))}`
  if (step === 4) {
    const $set = { plan: visit % 7 }
    return decode("$identify", user, { $anon_distinct_id: anonymous, $set, pad })
  }
  return decode("$pageview", step < 4 ? anonymous : user, { $lib: "web", $browser: "Chrome", pad })
}

/** Events in batches for append. */
export type Batches = ReadonlyArray<Arr.NonEmptyReadonlyArray<Event.Incoming>>

/** A whole log of visits, in batches. */
export const batches = (count: number, size: number = batchSize, crowd = ""): Batches => {
  const all = Array.from({ length: count }, (_, index) => eventAt(index, count, crowd))
  return Arr.isReadonlyArrayNonEmpty(all) ? Arr.chunksOf(all, size) : []
}

/** The milliseconds that an effect takes. */
export const millis = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const start = performance.now()
  yield* effect
  return performance.now() - start
})

/** The services of a measurement. */
export type Requirements = Services | SchemaClient

/**
 * Runs effects one after another, and starts with another one in each round. Returns their answers
 * in the order given. A failure is a defect, because it leaves nothing to compare.
 */
export const answersInTurns = Effect.fnUntraced(function* <A>(
  round: number,
  effects: ReadonlyArray<Effect.Effect<A, unknown, Requirements>>,
) {
  const turns = [...effects.entries()]
  const first = round % Math.max(1, turns.length)
  const answers: Array<readonly [number, A]> = []
  for (const [index, effect] of [...turns.slice(first), ...turns.slice(0, first)]) {
    answers.push([index, yield* Effect.orDie(effect)])
  }
  return answers.toSorted(([a], [b]) => a - b).map(([, answer]) => answer)
})

/** Runs effects in turns, and returns the milliseconds of each, in the order given. */
export const inTurns = (
  round: number,
  effects: ReadonlyArray<Effect.Effect<unknown, unknown, Requirements>>,
) =>
  answersInTurns(
    round,
    effects.map((effect) => millis(effect)),
  )

/**
 * Parts of a log: effects take turns on each, so that other load on the machine hits all of them
 * alike.
 */
const parts = 4

/**
 * Cuts a log into parts, runs effects on each part in turns, and adds up the milliseconds of each.
 */
export const inParts = Effect.fnUntraced(function* <A>(
  round: number,
  log: ReadonlyArray<A>,
  effects: (
    part: ReadonlyArray<A>,
    start: number,
  ) => ReadonlyArray<Effect.Effect<unknown, unknown, Requirements>>,
) {
  const size = Math.ceil(log.length / parts)
  let sums: ReadonlyArray<number> = []
  for (let part = 0; part * size < log.length; part++) {
    const start = part * size
    const ms = yield* inTurns(round + part, effects(log.slice(start, start + size), start))
    sums = ms.map((value, index) => value + (sums[index] ?? 0))
  }
  return sums
})

/** A count in some milliseconds, as a rate per second. */
export const rate = (count: number, ms: number): number => (count / ms) * 1000

/** The value that this share of the values does not exceed. */
export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN

/** The median of some values. */
export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN
