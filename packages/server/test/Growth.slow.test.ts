/** Clients choose sizes. Work that grows faster than in proportion to a size would stop everybody else's events. */

import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { expect, it } from "@effect/vitest"
import { Result } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Presets from "@onymous/identity/policy/Presets"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import type { Policy } from "@onymous/identity/policy/Policy"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as Bisect from "@onymous/timetravel/questions/Bisect"
import { History } from "@onymous/timetravel/history/History"
import * as Culprits from "@onymous/timetravel/questions/Culprits"
import * as PropertyBlame from "@onymous/timetravel/questions/story/PropertyBlame"
import * as Story from "@onymous/timetravel/questions/story/Story"
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

const alias = (id: string, other: string, more: Line = {}): Line => ({
  event: "$create_alias",
  distinct_id: id,
  properties: { alias: other },
  ...more,
})

const dangerously = (id: string, other: string, more: Line = {}): Line => ({
  ...alias(id, other, more),
  event: "$merge_dangerously",
})

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
    numbered(size, (index) => alias(`x-${index}`, `x-${index + 1}`, at(index))),
  "a chain of aliases, each sent twice": (size) =>
    numbered(size, (index) => alias(`x-${index >> 1}`, `x-${(index >> 1) + 1}`, at(index))),
  "a chain of aliases, sent again from its beginning": (size) =>
    numbered(size, (index) => {
      const link = index % (size / 2)
      return alias(`x-${link}`, `x-${link + 1}`, at(index))
    }),
  "a chain of aliases, each of them refused to somebody else": (size) => [
    identify("bob", "b", at(0)),
    ...numbered(size, (index) => {
      const next = `x-${(index >> 1) + 1}`
      return index % 2 === 0
        ? alias(`x-${index >> 1}`, next, at(index))
        : alias("bob", next, at(index))
    }),
  ],
  "dangerous merges, each sent twice": (size) =>
    numbered(size, (index) => dangerously(`x-${(index >> 1) + 1}`, `x-${index >> 1}`, at(index))),
  "dangerous merges into ever new persons": (size) =>
    numbered(size, (index) => ({
      ...dangerously(`x-${index + 1}`, `x-${index}`, at(index)),
      properties: { alias: `x-${index}`, $set: { index } },
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
  "events of a person of which a few are retracted": (size) => [
    ...numbered(size, (index) =>
      identify("ann", `device-${index}`, { uuid: uuid(index), ...at(index) }),
    ),
    ...numbered(4, (index) => {
      const number = (index * size) / 4
      return retract(number, { distinct_id: "ann", alias: `device-${number}`, ...at(size) })
    }),
  ],
  "retractions, each of the one before it": (size) => [
    ...numbered(50, (index) =>
      identify("ann", `device-${index}`, { uuid: uuid(index), ...at(index) }),
    ),
    ...numbered(size / 4, (index) => {
      const names = { distinct_id: "ann", alias: "device-0", uuid: uuid(50 + index) }
      return retract(index === 0 ? 0 : 49 + index, { ...names, ...at(100) })
    }),
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

/** Work on a log, by its name. */
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
    const history = historyOf(lines, policy)
    return () => {
      WorkInTurns.atOnce(Culprits.culprits(history, ann))
      Why.why(history, ann, DistinctId("bob"))
      Why.why(history, x, lastOf(history))
    }
  },
  "asked for what keeps it apart, left out": (lines, policy) => {
    const history = historyOf(lines, policy)
    return () => {
      for (const id of [ann, x]) WorkInTurns.atOnce(Why.undo(history, id, lastOf(history)))
    }
  },
  "asked for what happened": (lines, policy) => {
    const history = historyOf(lines, policy)
    return () => {
      for (const id of [ann, x]) {
        Story.story(history, id)
        PropertyBlame.settings(history, id, "index")
      }
    }
  },
  "asked for since when it is so": (lines, policy) => {
    const history = historyOf(lines, policy)
    return () => {
      for (const id of [ann, x]) {
        Bisect.bisect(Bisect.ids(history, id, 1_000_000))
        Bisect.bisect(Bisect.property(history, id, "index", -1))
        Bisect.bisect(Bisect.same(history, id, lastOf(history)))
      }
    }
  },
}

const ann = DistinctId("ann")

/** The first id of the chains. */
const x = DistinctId("x-0")

const historyOf = (lines: ReadonlyArray<Line>, policy: Policy): History =>
  new History(ProjectId("A"), logOf(lines), policy)

/** The id that came last. */
const lastOf = ({ tables }: History): DistinctId => [...tables.memberships.keys()].at(-1) ?? x

setFlagsFromString("--expose-gc")

const collect: unknown = runInNewContext("gc")

/** The processor's time for a piece of work, without the garbage of earlier work. */
const milliseconds = (work: () => void): number => {
  if (typeof collect === "function") collect()
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}

/**
 * Work on thousands of items that takes less than this, in milliseconds, does not grow with their square; and work that
 * fits into a cache is no measure of larger work.
 */
const measurable = 125

const factor = 4

/** Two doublings, each with less than two and a half times the time: a square would be 16. */
const most = 2.5 ** 2

/** Nearly a square: no cache slows proportional work down this much. */
const hopeless = 14

/** The most rounds of measuring; the least times count, because other processes only add to them. */
const rounds = 4

/** The time of work, divided by the time of a fourth of it; undefined where the whole is too short to measure. */
const ratio = (workOf: (size: number) => () => void, size: number): number | undefined => {
  const whole = workOf(size)
  let [wholeTime, partTime] = [milliseconds(whole), Number.POSITIVE_INFINITY]
  if (wholeTime < measurable) return undefined
  const part = workOf(size / factor)
  for (let round = 0; round < rounds; round++) {
    for (let each = 0; each < factor; each++) partTime = Math.min(partTime, milliseconds(part))
    if (wholeTime / partTime < most) break
    wholeTime = Math.min(wholeTime, milliseconds(whole))
  }
  return wholeTime / partTime
}

/** Certainly proportional work: it puts rows into tables by their ids, finds them, and takes them out. */
const proportional = (size: number) => () => {
  const rows = Array.from({ length: size }, (_, index) => ({ id: `device-${index}`, index }))
  const tables = Array.from({ length: 4 }, () => new Map<string, { readonly row: object }>())
  for (let turn = 0; turn < 4; turn++) {
    for (const table of tables) for (const row of rows) table.set(row.id, { row })
    for (const table of tables) for (const { id } of rows) if (table.has(id)) table.delete(id)
  }
}

/** Size → the ratio of certainly proportional work on this machine. */
const ratiosOfMachine = new Map<number, number>()

const ratioOfMachine = (size: number): number => {
  const found = ratiosOfMachine.get(size) ?? ratio(proportional, size) ?? factor
  ratiosOfMachine.set(size, found)
  return Math.max(factor, found)
}

/**
 * The ratio that counts. Rows beyond the processor's caches take longer each, so that four times as many can take more
 * than six times as long in proportional work, too. A ratio that seems too large is therefore measured again at four
 * times the size, where both parts exceed the caches, and compared with proportional work. A square stays a square.
 */
const growth = (workOf: (size: number) => () => void, size: number): number | undefined => {
  const found = ratio(workOf, size)
  if (found === undefined || found < most || found > hopeless) return found
  const again = ratio(workOf, size * factor) ?? 0
  return (again * factor) / ratioOfMachine(size * factor)
}

/** Only these uses depend on the rules: questions to a history are the same under all of them. */
const ofRules: ReadonlySet<string> = new Set(["replayed", "folded into a history"])

for (const [preset, policy] of Object.entries(policies)) {
  for (const [use, prepare] of Object.entries(uses)) {
    if (preset !== "page" && !ofRules.has(use)) continue
    it.each(Object.keys(logs))(
      `under ${preset}, %s: four times as many, ${use}, take less than 2.5 times as long for each doubling`,
      { timeout: 600_000 },
      (name) => {
        const found = growth((size) => prepare(logs[name]?.(size) ?? [], policy), 8000)
        expect(found ?? 0).toBeLessThan(most)
      },
    )
  }
}

const list = (size: number, item: (index: number) => string): string =>
  Array.from({ length: size }, (_, index) => item(index)).join(",")

const withProperties = (properties: string): string =>
  `[{"event":"seen","distinct_id":"ann","properties":${properties}}]`

/** Bodies of a size that anybody with the public token chose. */
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
  "%s of a body: four times as many take less than 2.5 times as long for each doubling",
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
