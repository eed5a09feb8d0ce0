import { expect, layer as withLayer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { PersonId } from "@onymous/identity/state/PersonId"
import * as MemoryTimeline from "../src/memory/MemoryTimeline.ts"
import { Tables } from "../src/memory/MemoryTables.ts"
import { initial } from "../src/Checkpoint.ts"
import { Persons, type PersonView } from "../src/Persons.ts"
import * as TextSearch from "../src/reading/TextSearch.ts"
import type { ReadModel } from "../src/ReadModel.ts"
import { ProjectInMemory } from "../src/rows/ProjectInMemory.ts"
import * as WorkInTurns from "../src/rows/WorkInTurns.ts"
import {
  changeKinds,
  type ChangeKind,
  type ChangesQuestion,
  type ChangeView,
  type MergeView,
  Timeline,
} from "../src/Timeline.ts"
import { randomEvents, recorded } from "@onymous/simulator/random/FewIds"
import { project } from "./Persons.contract.ts"

/** The tables that a fold in memory gives. */
const tablesOf = (id: ProjectId, log: ReadonlyArray<Recorded>): Tables => {
  const whole = new ProjectInMemory({ ...initial(id, "log"), policy: Presets.page })
  const tables = new Tables()
  for (const event of log) whole.fold([event], undefined)
  tables.write(WorkInTurns.atOnce(whole.finish()).rows)
  return tables
}

const id = ProjectId("timeline")
const log = recorded(randomEvents(11, 2100))
const tables = tablesOf(id, log)

const subsets: ReadonlyArray<{ readonly kinds: ReadonlyArray<ChangeKind> }> = [
  { kinds: changeKinds },
  { kinds: ["merged"] },
  { kinds: ["born", "released"] },
  { kinds: ["refused", "warned"] },
]

const derived = Effect.gen(function* () {
  const persons = yield* Persons
  if ((yield* persons.checkpoint(id)) === undefined) yield* project("timeline", log, 300)
  return yield* Timeline
})

/** All changes of some kinds, page by page, from one end to the other. */
const paged = Effect.fnUntraced(function* (
  kinds: ReadonlySet<ChangeKind>,
  limit: number,
  direction: "after" | "before",
) {
  const timeline = yield* derived
  const found: Array<ChangeView> = []
  let from: ChangesQuestion["from"] =
    direction === "after" ? { after: zero } : { before: Position(9999) }
  for (;;) {
    const page = yield* timeline.changes({ project: id, from, kinds, limit })
    const last = page.at(-1)
    if (last === undefined) return found
    found.push(...page)
    from = direction === "after" ? { after: last.position } : { before: last.position }
  }
})

/** What every read model promises of what happened along a log. */
export const suite = <E>(name: string, layer: Layer.Layer<ReadModel, E>): void => {
  withLayer(layer, { timeout: "60 seconds", excludeTestServices: true })(
    `Timeline on ${name}`,
    (it) => {
      it.effect("counts, of thousands of positions and of few, are those of a fold in memory", () =>
        Effect.gen(function* () {
          const timeline = yield* derived
          for (const [from, to, size] of [
            [1, 2100, 1000],
            [1001, 2100, 1000],
            [1, 2000, 2000],
            [1, 2100, 300],
            [417, 1318, 7],
          ] as const) {
            const question = { project: id, from: Position(from), to: Position(to), size }
            const counted = yield* timeline.activity(question)
            expect(counted, `${from} ${to} ${size}`).toEqual(
              MemoryTimeline.activity(tables, question),
            )
            expect(counted.length).toBeGreaterThan(0)
          }
        }),
      )

      it.effect("few positions have the counts that a thousand of them have together", () =>
        Effect.gen(function* () {
          const timeline = yield* derived
          const question = { project: id, from: Position(1), to: Position(2000) }
          const coarse = yield* timeline.activity({ ...question, size: 1000 })
          const fine = yield* timeline.activity({ ...question, size: 500 })
          for (const kind of ["attached", "merged", "lost", "refused", "held"] as const) {
            const sums = [0, 1].map((block) =>
              fine
                .filter(({ index }) => index >> 1 === block)
                .reduce((sum, bucket) => sum + bucket[kind], 0),
            )
            expect(sums, kind).toEqual(coarse.map((bucket) => bucket[kind]))
            expect(
              sums.some((sum) => sum > 0),
              kind,
            ).toBe(true)
          }
        }),
      )

      it.effect.each(subsets)(
        "changes are paged forth and back, and none is missed: $kinds",
        ({ kinds }) =>
          Effect.gen(function* () {
            const asked = new Set(kinds)
            const all = MemoryTimeline.changes(tables, {
              project: id,
              from: { after: zero },
              kinds: asked,
              limit: 100_000,
            })
            expect(all.length).toBeGreaterThan(10)
            for (const limit of [150, 1000]) {
              expect(yield* paged(asked, limit, "after"), `${limit} on`).toEqual(all)
              const back = (yield* paged(asked, limit, "before")).toSorted(
                (a, b) => a.position - b.position,
              )
              expect(back, `${limit} back`).toEqual(all)
            }
          }),
      )

      it.effect(
        "merges worth a look come by what they lost, and are paged, as of any position",
        () =>
          Effect.gen(function* () {
            const timeline = yield* derived
            const asked = { project: id, limit: 100_000 }
            const all = MemoryTimeline.mergesWorthALook(tables, asked)
            expect(all.length).toBeGreaterThan(5)
            expect(yield* timeline.mergesWorthALook(asked)).toEqual(all)
            const found: Array<MergeView> = []
            for (let last: MergeView | undefined; ; last = found.at(-1)) {
              const before = last && { before: last.event }
              const page = yield* timeline.mergesWorthALook({ project: id, limit: 2, ...before })
              if (page.length === 0) break
              found.push(...page)
            }
            expect(found).toEqual(all)
            const at = Position(1200)
            expect(yield* timeline.mergesWorthALook({ ...asked, at })).toEqual(
              all.filter(({ position }) => position <= at),
            )
          }),
      )

      it.effect("what waits is counted, with the time at which the first of it is due", () =>
        Effect.gen(function* () {
          const timeline = yield* derived
          const [first, ...rest] = yield* (yield* Persons).waiting({ project: id, limit: 1000 })
          expect(yield* timeline.waitingNow(id)).toEqual({
            count: first === undefined ? 0 : rest.length + 1,
            oldestDue: first && rest.reduce((due, each) => Math.min(due, each.dueAt), first.dueAt),
          })
          const none = { count: 0, oldestDue: undefined }
          expect(yield* timeline.waitingNow(ProjectId("nothing"))).toEqual(none)
        }),
      )

      it.effect("a value is found in the last version that held it, once it holds no more", () =>
        Effect.gen(function* () {
          const timeline = yield* derived
          const persons = yield* Persons
          for (const search of ["1", "2", "plan", "a", "Ä", "nowhere at all"]) {
            const asked = { project: id, search, limit: 10_000 }
            const found = yield* timeline.formerlyHeld(asked)
            const holds = (view: PersonView | undefined) =>
              view !== undefined && TextSearch.isIn(TextSearch.valuesOf(view.properties), search)
            for (const { personId, from, to } of found) {
              expect(holds(yield* persons.findById(id, personId, from))).toBe(true)
              expect(to).toBeGreaterThan(from)
            }
            const ends = found.map(({ to }) => to)
            expect(ends).toEqual(ends.toSorted((a, b) => b - a))
            expect(yield* timeline.formerlyHeld({ ...asked, limit: 2 })).toEqual(found.slice(0, 2))
            const all = new Set(found.map(({ personId }) => personId))
            expect(all.size).toBe(found.length)
            for (let at = 100; at <= 1200; at += 100) {
              const then = { project: id, search, limit: 1000, at: Position(at) }
              for (const view of (yield* persons.list(then)).results.filter(holds)) {
                const isStill = holds(yield* persons.findById(id, view.id, undefined))
                expect(isStill || all.has(view.id), `${search} at ${at}`).toBe(true)
              }
            }
          }
        }),
      )

      it.effect("a person is found by its id, and ids by what they begin with, now and then", () =>
        Effect.gen(function* () {
          yield* derived
          const persons = yield* Persons
          for (const at of [undefined, Position(900)]) {
            const asOf = at === undefined ? {} : { at }
            const { results } = yield* persons.list({ project: id, limit: 1000, ...asOf })
            expect(results.length).toBeGreaterThan(1)
            for (const person of results) {
              expect(yield* persons.findById(id, person.id, at)).toEqual(person)
            }
            const owned = results
              .flatMap(({ id: personId, distinctIds }) =>
                distinctIds.map((distinctId) => ({ distinctId, personId })),
              )
              .toSorted((a, b) => (a.distinctId < b.distinctId ? -1 : 1))
            for (const prefix of ["", "G", "Guest", "Guestx", "a", "\u{10ffff}", "a\u{10ffff}"]) {
              const found = yield* persons.idsFrom({ project: id, prefix, limit: 100, ...asOf })
              expect(found, prefix).toEqual(
                owned.filter(({ distinctId }) => distinctId.startsWith(prefix)),
              )
            }
            expect(yield* persons.idsFrom({ project: id, prefix: "", limit: 1, ...asOf })).toEqual(
              owned.slice(0, 1),
            )
          }
          const nobody = PersonId("00000000-0000-5000-8000-000000000000")
          expect(yield* persons.findById(id, nobody, undefined)).toBeUndefined()
        }),
      )
    },
  )
}
