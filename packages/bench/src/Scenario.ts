import { Array as Arr, Effect, Result } from "effect"
import { randomUUID } from "node:crypto"
import * as Event from "@onymous/identity/Event"
import type { PolicyChange } from "@onymous/identity/Policy"

/** How many events one append takes. */
export const batchSize = 1000

/** How many distinct ids an event brings: 45 in a hundred are new. */
export const idsPerEvent = 0.45

const pad = "x".repeat(300)

/** Reads an event as the door does. */
export const decode = (
  event: string,
  distinct_id: string,
  properties: Readonly<Record<string, unknown>>,
): Event.Incoming => Result.getOrThrow(Event.decode({ event, distinct_id, properties }, randomUUID))

/** A change of the rules. */
export const policyEvent = (change: PolicyChange): Event.Incoming => ({
  event: { _tag: "PolicyChanged", uuid: randomUUID(), change },
  payload: "{}",
})

/**
 * The event at an index of a log of `count` events. Ten events are a visit: an anonymous page view,
 * three passers-by who are seen once, an identify, five page views of the user. A user visits twice,
 * so that of two identify events one attaches the anonymous id and one merges its person.
 */
export const eventAt = (index: number, count: number): Event.Incoming => {
  const visit = Math.trunc(index / 10)
  const step = index % 10
  const anonymous = `anonymous-${visit}`
  const user = `user-${visit % Math.max(1, Math.trunc(count / 20))}`
  if (step === 4) {
    const $set = { plan: visit % 7 }
    return decode("$identify", user, { $anon_distinct_id: anonymous, $set, pad })
  }
  const visitor = step === 0 ? anonymous : step < 4 ? `passer-${visit}-${step}` : user
  return decode("$pageview", visitor, { $lib: "web", $browser: "Chrome", pad })
}

/** A whole log, in the batches in which it is appended. */
export const batches = (
  count: number,
): ReadonlyArray<Arr.NonEmptyReadonlyArray<Event.Incoming>> => {
  const all = Array.from({ length: count }, (_, index) => eventAt(index, count))
  return Arr.isReadonlyArrayNonEmpty(all) ? Arr.chunksOf(all, batchSize) : []
}

/** The milliseconds that an effect takes. */
export const millis = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const start = performance.now()
  yield* effect
  return performance.now() - start
})

/** The middle of some values. */
export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)] ?? Number.NaN
