/** Any JSON at all, and events that hold it where identity looks. */

import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"

const texts = [
  ["", " ", "a", "b", "null", "\0", "\ud800", "__proto__", "toString", "valueOf", "toJSON"],
  ["2022-10-25T12:00:00Z", "99999-99-99", "1e999", "x".repeat(700), "\u{1f600}".repeat(500)],
  ["$set", "$unset", "$identify", "$create_alias", "$merge_dangerously", "$anon_distinct_id"],
  ["01840000-0000-7000-8000-000000000001", "-0", "alias", "utm_source", "$browser", "length"],
].flat()

const numbers = [0, -0, 1, -1, 0.1, 2 ** 53, -(2 ** 63), Number.MAX_VALUE, 5e-324] as const

export const value = (next: RandomEvents.Random, depth = 3): unknown => {
  const kind = RandomEvents.below(next, depth === 0 ? 4 : 7)
  if (kind === 0) return null
  if (kind === 1) return next() < 0.5
  if (kind === 2) return RandomEvents.pick(next, numbers)
  if (kind === 3) return RandomEvents.pick(next, texts)
  const members = Array.from({ length: RandomEvents.below(next, 4) }, () => value(next, depth - 1))
  if (kind === 4) return members
  return Object.fromEntries(members.map((member) => [RandomEvents.pick(next, texts), member]))
}

const fields = ["timestamp", "sent_at", "offset", "uuid", "$set", "$set_once", "$unset"] as const

const properties = [
  ["$anon_distinct_id", "alias", "$set", "$set_once", "$unset", "utm_source", "$browser"],
  ["$ignore_sent_at", "$process_person_profile", "$lib", "$device_id"],
].flat()

const some = (next: RandomEvents.Random, keys: ReadonlyArray<string>) =>
  keys.filter(() => next() < 0.3).map((key) => [key, value(next)] as const)

/** An event that is mostly well formed outside, and holds anything inside. */
export const event = (next: RandomEvents.Random): unknown => {
  if (next() < 0.05) return value(next)
  const name = RandomEvents.pick(next, ["$identify", "$create_alias", "$merge_dangerously", "seen"])
  return Object.fromEntries([
    ["event", next() < 0.9 ? name : value(next)],
    ["distinct_id", next() < 0.7 ? RandomEvents.pick(next, ["a", "b", "null"]) : value(next)],
    ["properties", next() < 0.95 ? Object.fromEntries(some(next, properties)) : value(next)],
    ...some(next, fields),
  ])
}
