/**
 * Random logs that provoke collisions: few ids, few keys, values that look absent, ids that look
 * illegal. The same seed always gives the same log.
 */

/** An event as clients send it. */
export interface WireEvent {
  readonly event: string
  readonly distinct_id: string
  readonly properties?: Readonly<Record<string, unknown>>
  readonly $set?: unknown
  readonly $set_once?: unknown
  readonly $unset?: unknown
  readonly uuid?: string
  readonly timestamp?: string
}

/** Numbers in [0, 1), by mulberry32: small, seeded, and good enough to choose by. */
export type Random = () => number

export const random = (seed: number): Random => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (next: Random, bound: number): number => Math.floor(next() * bound)

export const pick = <A>(next: Random, choices: ReadonlyArray<A>): A => {
  const choice = choices[below(next, choices.length)]
  if (choice === undefined) throw new Error("There is nothing to choose from.")
  return choice
}

const PLAIN_IDS = ["ann", "bob", "dev-1", "dev-2", "dev-3", "user-4"]

/** Illegal ids, their near misses, and ids that become equal when they are cleaned. */
const ODD_IDS = [
  ["null", "NULL", " null ", "None", "GUEST", "guests", "Distinct_Id", "0", "00", "-0"],
  ["[object Object]", "[object object]", '"undefined"', "'NaN'", '"nan"', "''", '"'],
  [" ", "\u00a0\ufeff", "nul\0l", "nul\ufffdl", "\ud800", "\ufffd", "__proto__", "toString"],
  ["x".repeat(400), "x".repeat(401), "42", "[object Object],", "constructor"],
].flat()

const KEYS = ["a", "b", "c", "__proto__", "toString", "utm_source", "$initial_utm_source"]

const MAPPED = "utm_source utm_term gclid msclkid $browser $os $os_name _kx".split(" ")

const SCALARS: ReadonlyArray<unknown> = [null, false, 0, "", true, 1, "1", "text", -0.5]

const BAGS: ReadonlyArray<unknown> = [{}, [], [0], { z: 1, a: null }, { a: null, z: 1 }]

export const VALUES = [...SCALARS, ...BAGS, { toString: 1 }]

/** Values of `$anon_distinct_id` and `alias` that are no name. */
const NOT_NAMES = [...SCALARS, 42, {}, { toString: 1 }, [], ["ann"], [null, 1]]

const UUIDS = [
  "01840000-0000-7000-8000-000000000001",
  "01840000-0000-7000-8000-000000000002",
  "not-a-uuid",
]

export const START = Date.parse("2022-10-25T12:00:00.000Z")

export const make = (seed: number, length: number): ReadonlyArray<WireEvent> => {
  const next = random(seed)
  return Array.from({ length }, () => event(next))
}

const event = (next: Random): WireEvent => ({
  event: name(next),
  distinct_id: id(next),
  ...(next() < 0.9 ? { properties: properties(next) } : {}),
  ...(next() < 0.15 ? { $set: bag(next) } : {}),
  ...(next() < 0.15 ? { $set_once: bag(next) } : {}),
  ...(next() < 0.1 ? { $unset: keys(next) } : {}),
  ...(next() < 0.1 ? { uuid: pick(next, UUIDS) } : {}),
  ...(next() < 0.2 ? { timestamp: timestamp(next) } : {}),
})

const name = (next: Random): string => {
  const chance = next()
  if (chance < 0.35) return "$identify"
  if (chance < 0.5) return "$create_alias"
  if (chance < 0.6) return "$merge_dangerously"
  return pick(next, ["seen", "$pageview", "$set", "$exception", "$$heatmap", "$snapshot"])
}

export const id = (next: Random): string => pick(next, next() < 0.85 ? PLAIN_IDS : ODD_IDS)

const properties = (next: Random): Record<string, unknown> => ({
  ...(next() < 0.85 ? { $anon_distinct_id: source(next) } : {}),
  ...(next() < 0.85 ? { alias: source(next) } : {}),
  ...(next() < 0.3 ? { $set: bag(next) } : {}),
  ...(next() < 0.3 ? { $set_once: bag(next) } : {}),
  ...(next() < 0.2 ? { $unset: next() < 0.7 ? keys(next) : bag(next) } : {}),
  ...(next() < 0.2 ? { [pick(next, MAPPED)]: pick(next, VALUES) } : {}),
  ...(next() < 0.1 ? { [pick(next, MAPPED)]: pick(next, VALUES) } : {}),
})

const source = (next: Random): unknown => (next() < 0.85 ? id(next) : pick(next, NOT_NAMES))

const bag = (next: Random): unknown =>
  next() < 0.1
    ? pick(next, VALUES)
    : Object.fromEntries(keys(next).map((key) => [key, pick(next, VALUES)]))

export const keys = (next: Random): ReadonlyArray<string> =>
  Array.from({ length: below(next, 4) }, () => pick(next, KEYS))

const timestamp = (next: Random): string =>
  new Date(START + (below(next, 200) - 100) * 1000).toISOString()
