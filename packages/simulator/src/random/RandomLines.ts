/**
 * Random files of events that provoke collisions: the events of `RandomEvents`, at times that hold and
 * release some of them, between policy changes and operators' commands. The same seed always gives the
 * same lines.
 */

import type { Line } from "../model/Model.ts"
import * as OperatorActs from "../model/OperatorActs.ts"
import * as Rules from "../model/Rules.ts"
import * as RandomEvents from "../chance/RandomEvents.ts"
import { below, pick, type Random } from "../chance/RandomEvents.ts"

/** Seconds from a line to the next: around the buffer's window, and back. */
const STEPS = [0, 0, 1, 1, 5, 20, 29, 30, 31, 59, 60, 61, 200, -10]

const NAMES = [
  ..."$groupidentify $performance_event $set $delete_person_property signup".split(" "),
  "survey shown",
]

const FLAGS = [false, false, false, false, true, "false", null, 0]

const LIBS = ["posthog-ios", "posthog-android", "posthog-react-native", "posthog-flutter", "web"]

/** Keys whose change alone makes no version of a person, and their near misses (P29). */
const SENT_BY_ITSELF = [
  ..."$browser $os $current_url $geoip_city_name $geoip_country_name $geoip_latitude".split(" "),
  ..."$initial_browser $viewport_width $geoip_country_code $os_name a".split(" "),
]

const UUIDS = [
  "01840000-0000-7000-8000-00000000000a",
  "01840000-0000-7000-8000-00000000000A",
  "01840000-0000-7000-8000-00000000000b",
]

const TEXTS_OF_TIMES = [
  ..."2022-10-25T12:01:00Z 2022-10-25T14:00:10+02:00 2022-10-25T15:00+03".split(" "),
  ..."2022-10-25T11:59:30.250Z 2022-10-25T12:00:00 2022-10-24T12:00:00.000-0130".split(" "),
  ..."2022-10-26T11:00:00Z 2022-10-26T11:05:00Z 2022-11-30T00:00:00Z 1969-12-31T23:59:59Z".split(
    " ",
  ),
  ..."-000001-06-01T00:00:00Z +010000-06-01T00:00:00Z 0000-06-01T00:00:00Z invalid".split(" "),
  ..."1666699260000 1666699260 2022-10-25T12:00:60Z 2022-10-25T12:00:00+24:00".split(" "),
  "not a date",
  "2022-10-25 12:01:30 UTC",
  "Tue, 25 Oct 2022 14:02:00 +0200",
  "Tue Oct 25 2022 12:02:30 GMT+0000 (Coordinated Universal Time)",
  "10/25/2022 12:00",
]

const OFFSETS = [0, 150, 6000, -82_800_000, -82_800_001, -1000, 3_600_000]

const FIELDS = Object.entries(Rules.choices)

export const make = (seed: number, length: number): ReadonlyArray<Line> => {
  const next = RandomEvents.random(~seed)
  // A quarter of the logs only move ids: no odd times, no flags.
  const isPlain = next() < 0.25
  let clock = RandomEvents.START
  return RandomEvents.make(seed, length).map((event) => {
    clock += pick(next, STEPS) * 1000
    const time = new Date(clock).toISOString()
    const chance = next()
    if (chance < 0.05) return { policy: policy(next), received_at: time }
    if (chance < 0.1) return { advance_to: time }
    if (chance < 0.22) return { ...OperatorActs.random(next), received_at: time }
    if (isPlain) return { ...event }
    return timed(next, decorated(next, { ...event }), time)
  })
}

const policy = (next: Random): Line => {
  const preset = next() < 0.25 ? { preset: pick(next, ["page", "posthog"]) } : {}
  const fields = Array.from({ length: below(next, 3) }, () => {
    const [field, values] = pick(next, FIELDS)
    return [field, pick<unknown>(next, values)] as const
  })
  return { ...preset, ...Object.fromEntries(fields) }
}

const decorated = (next: Random, event: Line): Line => {
  const id = next() < 0.6 ? event["distinct_id"] : RandomEvents.id(next)
  const given = event["properties"]
  const properties = {
    ...(typeof given === "object" ? given : {}),
    ...(next() < 0.2 ? { $process_person_profile: pick(next, FLAGS) } : {}),
    ...(next() < 0.1 ? { $device_id: id === "42" ? 42 : id } : {}),
    ...(next() < 0.1 ? { $lib: pick(next, LIBS) } : {}),
    ...(next() < 0.2 ? { [pick(next, SENT_BY_ITSELF)]: below(next, 2) } : {}),
    ...(next() < 0.2 ? { $set: { [pick(next, SENT_BY_ITSELF)]: below(next, 2) } } : {}),
    ...(next() < 0.05 ? { $ignore_sent_at: pick(next, [true, true, false, "yes", 1]) } : {}),
  }
  return {
    ...event,
    ...(next() < 0.15 ? { event: pick(next, NAMES) } : {}),
    ...(next() < 0.08 ? { uuid: pick(next, UUIDS) } : {}),
    properties,
  }
}

/** An event with the times of its client and its server. */
const timed = (next: Random, event: Line, time: string): Line => ({
  ...event,
  ...(next() < 0.15 ? { timestamp: pick(next, TEXTS_OF_TIMES) } : {}),
  ...(next() < 0.1 ? { sent_at: pick(next, TEXTS_OF_TIMES) } : {}),
  ...(next() < 0.05 ? { offset: pick(next, OFFSETS) } : {}),
  ...(next() < 0.9 ? { received_at: time } : {}),
})
