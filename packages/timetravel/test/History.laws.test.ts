import { describe, expect, it } from "vitest"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import type * as Event from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import * as Bisect from "../src/questions/Bisect.ts"
import * as Difference from "../src/questions/Difference.ts"
import type { History } from "../src/history/History.ts"
import * as WhatIf from "../src/questions/WhatIf.ts"
import * as EditedLog from "../src/history/EditedLog.ts"
import * as Why from "../src/questions/Why.ts"
import { randomHistory } from "./historySupport.ts"

const joinAlone = (...asked: Parameters<typeof Why.joinAlone>) =>
  WorkInTurns.atOnce(Why.joinAlone(...asked))

const presets = ["page", "posthog"] as const

const seeds = Array.from({ length: 150 }, (_, seed) => seed + 1)

const folded = (history: History, log: ReadonlyArray<Event.Recorded>) => {
  const identity = Identity.empty(history.project, history.startPolicy)
  const warnings = Identity.fold(identity, log).filter(({ _tag }) => _tag === "Warned").length
  const persons = [...Identity.components(identity)]
    .map(({ person, members }) => ({ ...person, distinctIds: members.toSorted() }))
    .toSorted((a, b) => ((a.distinctIds[0] ?? "") < (b.distinctIds[0] ?? "") ? -1 : 1))
  return { persons, warnings, policy: identity.policy }
}

const idsOf = (history: History): ReadonlyArray<DistinctId> => [
  ...history.tables.memberships.keys(),
]

const positionsOf = (history: History) =>
  Array.from({ length: history.head + 1 }, (_, position) => Position(position))

describe.each(presets)("under the %s preset, for every log", (preset) => {
  it("what was true at a position is what the events up to it come to", () => {
    for (const seed of seeds) {
      const history = randomHistory(preset, seed)
      for (const at of positionsOf(history).filter((position) => position % 5 === seed % 5)) {
        const expected = folded(history, history.log.slice(0, at))
        const where = `seed ${seed}, position ${at}`
        expect(history.personsAt(at), where).toEqual(expected.persons)
        expect(history.warningsAt(at).length, where).toBe(expected.warnings)
        expect(history.policyAt(at), where).toEqual(expected.policy)
      }
    }
  })

  it("why says what is so; its chain, replayed alone, joins the two ids, and no part of it does", () => {
    let chains = 0
    for (const seed of seeds) {
      const history = randomHistory(preset, seed)
      const ids = idsOf(history)
      for (const [index, a] of ids.entries()) {
        const b = ids[(index + 1 + (seed % 3)) % ids.length] ?? a
        const component = history.componentAt(a, history.head)
        const isSame = component !== undefined && component === history.componentAt(b, history.head)
        const answer = Why.why(history, a, b)
        expect(answer.isSame, `seed ${seed}: ${a}, ${b}`).toBe(isSame)
        if (!isSame || a === b || answer.chain.length === 0) continue
        const events = Why.eventsOf(answer.chain)
        chains += 1
        expect(joinAlone(history, events, a, b), `seed ${seed}: ${a}, ${b}`).toBe(true)
        if (events.length === 1) continue
        for (const one of events) {
          const rest = events.filter((each) => each !== one)
          expect(joinAlone(history, rest, a, b), `seed ${seed}: ${a}, ${b}`).toBe(false)
        }
      }
    }
    expect(chains).toBeGreaterThan(100)
  })

  it("a bisection finds what a look at every position finds", () => {
    for (const seed of seeds) {
      const history = randomHistory(preset, seed)
      const [a, b] = idsOf(history)
      if (a === undefined || b === undefined) continue
      const type = history.tables.warnings[0]?.warning.type ?? "none"
      const conditions = [
        Bisect.same(history, a, b),
        Bisect.property(history, a, "a", null),
        Bisect.property(history, b, "b", true),
        Bisect.ids(history, a, 1),
        Bisect.persons(history, 3),
        Bisect.warnings(history, type, 1),
      ]
      for (const [index, condition] of conditions.entries()) {
        const all = positionsOf(history).map((position) => condition.holds(position))
        const first = all.indexOf(true)
        const { position, isLasting } = Bisect.bisect(condition)
        const where = `seed ${seed}, condition ${index}`
        expect(position, where).toBe(first < 0 ? undefined : first)
        expect(isLasting, where).toBe(first < 0 || all.slice(first).every(Boolean))
      }
      for (const count of [0, 1, 2]) {
        const sizes = positionsOf(history).map(
          (position) => history.personAt(a, position)?.distinctIds.length ?? 0,
        )
        const { holds } = Bisect.ids(history, a, count)
        const found = positionsOf(history).map((position) => holds(position))
        expect(found, `seed ${seed}, ${count}`).toEqual(sizes.map((size) => size > count))
      }
    }
  })

  it("a what-if without an event is the log without it, replayed", () => {
    for (const seed of seeds) {
      const history = randomHistory(preset, seed)
      const left = history.log[seed % history.log.length]
      if (left === undefined) continue
      const edit = { without: new Set([left.event.uuid]) }
      const other = folded(history, EditedLog.editLog(history, edit))
      const { persons } = WhatIf.whatIf(history, edit)
      const now = history.personsAt()
      const kept = now.filter(({ id }) => !persons.some(({ before }) => before?.id === id))
      const after = persons.flatMap(({ after }) => after ?? [])
      const sorted = [...kept, ...after].toSorted((a, b) =>
        (a.distinctIds[0] ?? "") < (b.distinctIds[0] ?? "") ? -1 : 1,
      )
      expect(sorted, `seed ${seed}`).toEqual(other.persons)
    }
  })

  it("nothing differs from itself, and a difference leads from one state to the other", () => {
    for (const seed of seeds) {
      const history = randomHistory(preset, seed)
      const [from, to] = [Position(seed % history.head), history.head]
      const none = Difference.diff(history, from, from)
      expect([none.persons, none.warnings.added, none.warnings.removed]).toEqual([[], [], []])
      const { persons, warnings } = Difference.diff(history, from, to)
      const state = new Map(history.personsAt(from).map((person) => [person.id, person]))
      for (const { before, after } of persons) {
        if (before !== undefined) state.delete(before.id)
        if (after !== undefined) state.set(after.id, after)
      }
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
      const reached = [...state.values()].toSorted(byId)
      expect(reached, `seed ${seed}`).toEqual(history.personsAt(to).toSorted(byId))
      expect(warnings.removed, `seed ${seed}`).toEqual([])
    }
  })
})
