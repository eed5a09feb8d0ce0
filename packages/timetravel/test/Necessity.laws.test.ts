import { describe, expect, it } from "vitest"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Seeds from "@onymous/simulator/random/Seeds"
import * as EditedLog from "../src/history/EditedLog.ts"
import { History, type Link } from "../src/history/History.ts"
import * as Why from "../src/questions/Why.ts"
import { event, historyOf, identify, randomHistory, uuid } from "./historySupport.ts"

const isOne = (history: History, a: DistinctId, b: DistinctId): boolean => {
  const component = history.componentAt(a, history.head)
  return component !== undefined && component === history.componentAt(b, history.head)
}

const uniting = new Set(["created", "attached", "merged"])

/** True where links lead from one id to another. */
const leads = (links: ReadonlyArray<Link>, from: DistinctId, to: DistinctId): boolean => {
  const found = new Set([from])
  for (const each of found) {
    for (const { source, target } of links) {
      if (source === each) found.add(target)
      if (target === each) found.add(source)
    }
  }
  return found.has(to)
}

/** Checks `undo` by folds of the log without each event; gives the number of links that are on every way. */
const check = (history: History, where: string): number => {
  const effective = history.effectiveAt()
  const without = new Map<string, History>()
  const other = ({ event: { event } }: Link): History => {
    const known = without.get(event.uuid)
    if (known !== undefined) return known
    const log = EditedLog.without(effective.log, new Set([event.uuid]))
    const folded = new History(history.project, log, history.startPolicy)
    without.set(event.uuid, folded)
    return folded
  }
  const links = Why.linksBetween(effective, effective.head, uniting)
  let asked = 0
  for (const { distinctIds } of history.personsAt()) {
    for (const [index, a] of distinctIds.entries()) {
      const b = distinctIds[(index + 1) % distinctIds.length] ?? a
      if (a === b) continue
      const named = WorkInTurns.atOnce(Why.undo(history, a, b)).map((each) => each.position)
      for (const link of links) {
        const { position } = link.event
        const isNecessary = !isOne(other(link), a, b)
        const others = links.filter((each) => each !== link)
        const isOnEveryWay = leads(links, a, b) && !leads(others, a, b)
        if (isOnEveryWay) asked += 1
        const expected = isOnEveryWay ? isNecessary : isNecessary && named.includes(position)
        expect(named.includes(position), `${where}: ${a}, ${b}, ${position}`).toBe(expected)
      }
    }
  }
  return asked
}

/** Random lines: clients add ids to persons and name some ids again, and retractions undo a few events. */
const clientsLines = (seed: number) => {
  const next = RandomEvents.random(seed)
  const below = (count: number) => RandomEvents.below(next, count)
  const ids = 3 + below(6)
  const hasForced = next() < 0.5
  const id = () => `id-${below(ids)}`
  let seconds = 0
  return Array.from({ length: 8 + below(24) }, (_, index) => {
    seconds += next() < 0.15 ? 70 : 1
    const kind = next()
    const received_at = new Date(Date.parse("2022-10-25T12:00:00Z") + seconds * 1000).toISOString()
    if (kind < 0.15) return { ...event(index, "seen", id()), received_at }
    if (kind < 0.2) {
      const properties = { $process_person_profile: false }
      return { ...event(index, "seen", id(), properties), received_at }
    }
    if (kind < 0.23) {
      return { ...event(index, "$identify", id(), { $anon_distinct_id: "null" }), received_at }
    }
    if (kind < 0.27 && index > 0) {
      return { retract: below(index), received_at }
    }
    if (kind < 0.35 && hasForced) {
      return { ...event(index, "$merge_dangerously", id(), { alias: id() }), received_at }
    }
    const isAlias = kind > 0.7
    const [name, key] = isAlias ? ["$create_alias", "alias"] : ["$identify", "$anon_distinct_id"]
    return { ...event(index, name, id(), { [key]: id() }), received_at }
  })
}

type ClientLine = ReturnType<typeof clientsLines>[number]

/** A retraction names its event, and that event's ids. */
const withRetractions = (lines: ReadonlyArray<ClientLine>) =>
  lines.flatMap((line, index): ReadonlyArray<object> => {
    if (!("retract" in line)) return [line]
    const named = lines[line.retract]
    if (named === undefined || "retract" in named) return []
    const source = Object.entries(named.properties)
      .filter(([key]) => key === "alias" || key === "$anon_distinct_id")
      .map(([, id]) => id)[0]
    return [
      {
        api: "events.retract",
        uuid: uuid(1000 + index),
        event_uuid: named.uuid,
        distinct_id: named.distinct_id,
        ...(source !== undefined && { alias: source }),
        by: "ann",
        reason: "a test",
        received_at: line.received_at,
      },
    ]
  })

const attach = { identified_source_new_target: "attach" } as const

const rules: Readonly<Record<string, Policy.Policy>> = {
  page: Presets.page,
  "page without the buffer": { ...Presets.page, buffer_enabled: false },
  "page, attaching": { ...Presets.page, ...attach },
  "page without the buffer, attaching": { ...Presets.page, buffer_enabled: false, ...attach },
  posthog: Presets.posthog,
  "posthog without forced merges": { ...Presets.posthog, merge_dangerously: false },
  "guards of size": {
    ...Presets.page,
    buffer_enabled: false,
    guard_ids_per_person: "enforce",
    guard_ids_per_person_max: 3,
  },
}

describe("the events of a chain that undo names are those without which the log keeps the ids apart", () => {
  it.each(Object.keys(rules))("of clients alone, under %s", (name) => {
    let asked = 0
    for (const seed of Seeds.seeds(150)) {
      const lines = withRetractions(clientsLines(seed))
      asked += check(historyOf(lines, rules[name]), `seed ${seed}`)
    }
    expect(asked).toBeGreaterThan(150)
  })

  it.each(["page", "posthog"] as const)("of clients and operators, under %s", (preset) => {
    let asked = 0
    for (const seed of Seeds.seeds(60)) asked += check(randomHistory(preset, seed), `seed ${seed}`)
    expect(asked).toBeGreaterThan(20)
  })
})

const id = (text: string) => DistinctId(text)

const undo = (lines: ReadonlyArray<object>, from: string, to: string) =>
  WorkInTurns.atOnce(Why.undo(historyOf(lines), id(from), id(to))).map(({ position }) => position)

it("an event is necessary where another asks for the same, but too late: somebody else has the id by then", () => {
  const taken = [identify(1, "ann", "phone"), identify(2, "ann", "tablet")]
  const refused = identify(3, "bob", "tablet")
  const again = identify(4, "ann", "tablet")
  expect(undo([...taken, again], "phone", "tablet")).toEqual([1])
  expect(undo([...taken, refused, again], "phone", "tablet")).toEqual([1, 2])
})

it("the event that founds a person is not necessary where its two ids may still be named the other way round", () => {
  const seen = ["a", "b"].map((name, index) => event(index + 1, "seen", name))
  const founding = identify(4, "a", "b")
  const bob = [identify(3, "bob", "x"), founding, identify(5, "b", "bob")]
  expect(undo([...seen, ...bob], "a", "b")).toEqual([4])
  expect(undo([...seen, ...bob, identify(6, "b", "a")], "a", "b")).toEqual([])
})
