/** What takes longer than in proportion to what a client chose the size of, would stop everybody else's events. */

import { expect, it } from "@effect/vitest"
import { Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Presets from "@onymous/identity/policy/Presets"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import type { Policy } from "@onymous/identity/policy/Policy"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { History } from "@onymous/timetravel/history/History"
import * as Culprits from "@onymous/timetravel/questions/Culprits"
import * as Why from "@onymous/timetravel/questions/Why"
import { FileLog } from "@onymous/timetravel/replay/FileLog"
import { Replay } from "@onymous/timetravel/replay/Replay"
import * as WireEvent from "../src/capture/WireEvent.ts"

type Line = Readonly<Record<string, unknown>>

const numbered = (count: number, line: (index: number) => Line): ReadonlyArray<Line> =>
  Array.from({ length: count }, (_, index) => line(index))

const start = Date.parse("2022-10-25T12:00:00Z")

const at = (seconds: number) => ({ received_at: new Date(start + seconds * 1000).toISOString() })

const seen = (id: string, more: Line = {}): Line => ({ event: "seen", distinct_id: id, ...more })

const identify = (id: string, anonymous: string, more: Line = {}): Line => ({
  event: "$identify",
  distinct_id: id,
  properties: { $anon_distinct_id: anonymous },
  ...more,
})

const uuid = (number: number) => `00000000-0000-4000-8000-${`${number}`.padStart(12, "0")}`

const retract = (number: number, names: Line): Line => ({
  api: "events.retract",
  event_uuid: uuid(number),
  by: "ann",
  reason: "a test",
  ...names,
})

/** Logs of a size that a client, or an operator, chose. */
const logs: Readonly<Record<string, (size: number) => ReadonlyArray<Line>>> = {
  "events of one unknown id, due at once": (size) => [
    ...numbered(size, () => seen("x", at(0))),
    seen("y", at(100)),
  ],
  "unknown ids, due at once": (size) => [
    ...numbered(size, (index) => seen(`x-${index}`, at(0))),
    seen("y", at(100)),
  ],
  "events that overtake those that wait": (size) => [
    ...numbered(size, (index) => seen(`x-${index}`, at(0))),
    { policy: { buffer_window_seconds: 1 }, ...at(0) },
    ...numbered(size, (index) => seen(`z-${index}`, at(0))),
    seen("y", at(100)),
  ],
  "anonymous ids of one user": (size) =>
    numbered(size, (index) => identify("ann", `device-${index}`, at(index))),
  "a chain of aliases": (size) =>
    numbered(size, (index) => ({
      event: "$create_alias",
      distinct_id: `x-${index}`,
      properties: { alias: `x-${index + 1}` },
      ...at(index),
    })),
  "dangerous merges into ever new persons": (size) =>
    numbered(size, (index) => ({
      event: "$merge_dangerously",
      distinct_id: `x-${index + 1}`,
      properties: { alias: `x-${index}`, $set: { index } },
      ...at(index),
    })),
  "refused merges": (size) => [
    identify("ann", "a", at(0)),
    ...numbered(size, (index) => identify("bob", "ann", at(index))),
  ],
  "refused merges that a retraction has again": (size) => [
    identify("ann", "a", { uuid: uuid(1), ...at(0) }),
    ...numbered(size, (index) => identify("bob", "ann", at(index))),
    retract(1, { distinct_id: "ann", alias: "a", ...at(size) }),
  ],
  "events that wait until a retraction": (size) => [
    identify("ann", "a", { uuid: uuid(1), ...at(0) }),
    ...numbered(size, () => seen("ann", at(0))),
    retract(1, { distinct_id: "ann", alias: "a", ...at(10) }),
  ],
  "versions of a person": (size) =>
    numbered(size, (index) => seen("ann", { properties: { $set: { index } }, ...at(index) })),
  "events of the same uuid": (size) => numbered(size, () => seen("ann", { uuid: uuid(1) })),
  "a deletion after each event": (size) =>
    numbered(size, (index) =>
      index % 2 === 0
        ? seen("ann", at(index * 100))
        : { api: "persons.delete", distinct_id: "ann", ...at(index * 100) },
    ),
}

const policies: Readonly<Record<string, Policy>> = {
  page: Presets.page,
  posthog: { ...Presets.posthog, merge_dangerously: true },
}

const logOf = (lines: ReadonlyArray<Line>) => {
  const file = new FileLog()
  for (const line of lines) Result.getOrThrow(file.add(JSON.stringify(line)))
  const [first] = file.logs()
  if (first === undefined) throw new Error("There are no lines.")
  return first[1]
}

/** What is done with a log. */
const uses: Readonly<Record<string, (lines: ReadonlyArray<Line>, policy: Policy) => () => void>> = {
  replayed: (lines, policy) => {
    const texts = lines.map((line) => JSON.stringify(line))
    return () => {
      const replay = new Replay(policy)
      for (const text of texts) Result.getOrThrow(replay.add(text))
      replay.result()
    }
  },
  "folded into a history": (lines, policy) => {
    const log = logOf(lines)
    return () => void new History(ProjectId("A"), log, policy)
  },
  "asked for what holds a person together": (lines, policy) => {
    const history = new History(ProjectId("A"), logOf(lines), policy)
    return () => {
      Culprits.culprits(history, DistinctId("ann"))
      Why.why(history, DistinctId("ann"), DistinctId("bob"))
      Why.why(history, DistinctId("x-0"), DistinctId("x-9"))
    }
  },
}

const milliseconds = (work: () => void): number => {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

/** Work that takes less than this, in milliseconds, does not grow with the square of ten thousands. */
const measurable = 200

const least = (work: () => void): number => Math.min(...[1, 2, 3].map(() => milliseconds(work)))

const factor = 8

/** How many times as long as an eighth of it takes; undefined where it is too little to be measured. */
const growth = (workOf: (size: number) => () => void, size: number): number | undefined => {
  const whole = workOf(size)
  if (milliseconds(whole) < measurable) return undefined
  const part = least(workOf(size / factor))
  const once = milliseconds(whole) / part
  return once < most ? once : least(whole) / part
}

/** Less than three times as long for twice as much, three times over: a square would be 64. */
const most = 27

for (const [preset, policy] of Object.entries(policies)) {
  for (const [use, prepare] of Object.entries(uses)) {
    it.each(Object.keys(logs))(
      `under ${preset}, %s: eight times as many, ${use}, do not take 27 times as long`,
      { timeout: 600_000 },
      (name) => {
        const found = growth((size) => prepare(logs[name]?.(size) ?? [], policy), 32_000)
        expect(found ?? 0).toBeLessThan(most)
      },
    )
  }
}

const list = (size: number, item: (index: number) => string): string =>
  Array.from({ length: size }, (_, index) => item(index)).join(",")

const withProperties = (properties: string): string =>
  `[{"event":"seen","distinct_id":"ann","properties":${properties}}]`

/** Bodies of a size that whoever knows the public token chose. */
const bodies: Readonly<Record<string, (size: number) => string>> = {
  events: (size) => `[${list(size, (index) => `{"event":"e","distinct_id":"${index}"}`)}]`,
  "keys that are set": (size) =>
    withProperties(`{"$set":{${list(size, (index) => `"k${index}":1`)}}}`),
  "keys that are unset": (size) =>
    withProperties(`{"$unset":[${list(size, (index) => `"k${index}"`)}]}`),
  "long numbers": (size) =>
    withProperties(`{"$set":{"n":[${list(size, () => "1234567890123456789")}]}}`),
  "digits of a number": (size) => withProperties(`{"$set":{"n":${"1".repeat(size * 10)}}}`),
  "texts that look like numbers": (size) =>
    withProperties(`{"$set":{"n":"${"1e400,1234567890123456789+".repeat(size)}"}}`),
  "texts to be mended": (size) =>
    withProperties(`{"$set":{"n":[${list(size, () => String.raw`"\u0000\ud800"`)}]}}`),
  "halves of an id": (size) => withProperties(`{"alias":"${String.raw`\ud83d`.repeat(size * 2)}"}`),
}

it.each(Object.keys(bodies))(
  "%s of a body: eight times as many do not take 27 times as long",
  { timeout: 600_000 },
  (name) => {
    const found = growth((size) => {
      const text = bodies[name]?.(size) ?? ""
      return () => {
        const events = ExactJson.parse(text)
        if (!Array.isArray(events)) throw new Error("There are no events.")
        const batch = { token: "phc_a", events, sentAt: undefined, nameOf: () => "" }
        WorkInTurns.atOnce(WireEvent.decodeAll(batch, false))
      }
    }, 64_000)
    expect(found ?? 0).toBeLessThan(most)
  },
)
