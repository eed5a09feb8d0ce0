import { Result } from "effect"
import * as Event from "@onymous/identity/Event"
import { Position } from "@onymous/identity/Position"

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

/** Events about a handful of ids, so that most of them meet. */
export const randomEvents = (seed: number, length: number): ReadonlyArray<Event.Incoming> => {
  const next = random(seed)
  const pick = <A>(values: ReadonlyArray<A>): A | undefined =>
    values[Math.floor(next() * values.length)]
  return Array.from({ length }, (_, index) => {
    const name = pick(["$identify", "$create_alias", "$merge_dangerously", "e", "e"])
    const wire = {
      event: name,
      distinct_id: pick(ids),
      uuid: `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
      properties: {
        ...(name === "$identify" ? { $anon_distinct_id: pick(ids) } : { alias: pick(ids) }),
        ...(next() < 0.4 && {
          $set: { [pick(["k", "__proto__", "l"]) ?? "k"]: Math.floor(next() * 3) },
        }),
        ...(next() < 0.2 && { $unset: ["k"] }),
      },
    }
    return Result.getOrThrow(Event.decode(wire, () => "00000000-0000-4000-8000-000000000000"))
  })
}

/** The same events with positions from 1 on, a second apart. */
export const recorded = (events: ReadonlyArray<Event.Incoming>): ReadonlyArray<Event.Recorded> =>
  events.map(({ event }, index) => ({
    position: Position(index + 1),
    recordedAt: 1_666_699_200_000 + index * 1000,
    event,
  }))
