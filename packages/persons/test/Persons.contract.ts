import type { ReadModel } from "../src/ReadModel.ts"
import { expect, layer as withLayer } from "@effect/vitest"
import { Effect, type Layer, Result } from "effect"
import type * as Json from "@onymous/identity/encoding/Json"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as EffectiveLog from "@onymous/identity/retraction/EffectiveLog"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type * as Event from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/policy/Policy"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import { dumpTables } from "../src/memory/TableDump.ts"
import { initial, type Checkpoint } from "../src/Checkpoint.ts"
import { Persons, type WaitingView } from "../src/Persons.ts"
import { Editions } from "../src/Editions.ts"
import { PersonStore } from "../src/PersonStore.ts"
import { policyAt } from "../src/PolicyHistory.ts"
import { fromChanges } from "../src/rows/RowBuilder.ts"
import * as WorkInTurns from "../src/rows/WorkInTurns.ts"
import { Tables } from "../src/memory/MemoryTables.ts"
import * as MemorySlice from "../src/memory/MemorySlice.ts"
import * as MemoryWaiting from "../src/memory/MemoryWaiting.ts"
import {
  pastOf,
  randomEvents,
  recorded,
  retractedEvents,
  simpleEvents,
  uuidOf,
  waitingOf,
  wantedBy,
} from "@onymous/simulator/random/FewIds"

/** Nothing waits, so that a few events make many persons. */
const unbuffered = { ...Presets.page, buffer_enabled: false }

const logId = "11111111-1111-4111-8111-111111111111"

const commitPage = Effect.fnUntraced(function* (
  from: Checkpoint,
  page: ReadonlyArray<Event.Recorded>,
  log: ReadonlyArray<Event.Recorded>,
  start: Policy.Policy = Presets.page,
) {
  const persons = yield* Persons
  const store = yield* PersonStore
  const due = yield* store.due(from, page.at(-1)?.recordedAt ?? 0)
  const cones = yield* persons.conesOf(from, Identity.touched(page))
  const past = pastOf(start, log, page, () => cones)
  const slice = yield* store.load(from, wantedBy(page, waitingOf(log, due), past))
  const changes = Identity.fold(slice.identity, page, past)
  const stateHash = StateHash.toText(slice.identity.stateHash)
  const lastUuid = page.at(-1)?.event.uuid
  const { position, policy } = slice.identity
  const to = { ...from, position, policy, stateHash, lastUuid }
  yield* store.commit({ from, to, rows: WorkInTurns.atOnce(fromChanges(slice, changes)) })
  return to
})

const incoming = (
  number: number,
  id: string,
  { event, ...properties }: Json.JsonObject & { readonly event: string },
) =>
  Result.getOrThrow(
    EventDecoder.decode({ event, distinct_id: id, properties }, () => uuidOf(number)),
  )

/** An event that makes a person with these properties. */
const person = (number: number, id: string, properties: Json.JsonObject) =>
  incoming(number, id, { event: "$set", $set: properties })

const people = [
  person(1, "mesut", { name: "Mesut Özil", nested: { city: ["Gelsenkirchen", { lane: "Ödön" }] } }),
  person(2, "quote", { said: 'a "word" of mine', path: "C:\\temp" }),
  person(3, "Straße", { age: 42, big: 1.5e21, isPaying: true, gone: null }),
  person(4, "ΟΔΥΣΣΕΥΣ", { name: "line\nbreak", emoji: "👩‍👩‍👧" }),
  person(5, "100%", { age: 4, note: "a_b", özil: "a key" }),
  person(6, "İstanbul", { "{": ",", colon: '":', kelvin: "273 \u212a" }),
]

/** What a search finds: ids and values in any case, and no key, no quote and no comma around them. */
const searches: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
  ["özil", ["mesut"]],
  ["ÖZIL", ["mesut"]],
  ["ÖDÖN", ["mesut"]],
  ["ozil", []],
  ['"', ["quote", "İstanbul"]],
  ['"WORD"', ["quote"]],
  ["c:\\T", ["quote"]],
  ["\\", ["quote"]],
  ["STRAße", ["Straße"]],
  ["42", ["Straße"]],
  ["4", ["100%", "Straße"]],
  ["5e+21", ["Straße"]],
  ["TRUE", ["Straße"]],
  ["null", []],
  ["οδυσσευς", ["ΟΔΥΣΣΕΥΣ"]],
  ["\n", ["ΟΔΥΣΣΕΥΣ"]],
  ["👩", ["ΟΔΥΣΣΕΥΣ"]],
  ["%", ["100%"]],
  ["_", ["100%"]],
  ["key", ["100%"]],
  ["name", []],
  [",", ["İstanbul"]],
  ["{", []],
  [":", ["quote", "İstanbul"]],
  ["istanbul", ["İstanbul"]],
  ["k", ["100%", "mesut", "ΟΔΥΣΣΕΥΣ", "İstanbul"]],
  [".*", []],
  ["", ["100%", "Straße", "mesut", "quote", "ΟΔΥΣΣΕΥΣ", "İstanbul"]],
]

/** Derives a log, page by page. */
export const project = Effect.fnUntraced(function* (
  name: string,
  log: ReadonlyArray<Event.Recorded>,
  pageSize: number,
  policy: Policy.Policy = Presets.page,
) {
  const store = yield* PersonStore
  let checkpoint: Checkpoint = { ...(yield* store.claim(ProjectId(name), logId)), policy }
  for (let start = 0; start < log.length;) {
    const page = Identity.pageOf(log.slice(start, start + pageSize))
    checkpoint = yield* commitPage(checkpoint, page, log, policy)
    start += page.length
  }
  return checkpoint
})

/** The tables that a pure fold gives, event by event. */
const expected = (name: string, log: ReadonlyArray<Event.Recorded>, policy: Policy.Policy) => {
  const tables = new Tables()
  let checkpoint = { ...initial(ProjectId(name), logId), policy }
  for (const recorded of log) {
    const due = MemoryWaiting.due(tables, recorded.recordedAt)
    const past = pastOf(policy, log, [recorded], (ids) => tables.conesOf(ids))
    const slice = MemorySlice.load(
      tables,
      checkpoint,
      wantedBy([recorded], waitingOf(log, due), past),
    )
    tables.write(
      WorkInTurns.atOnce(fromChanges(slice, Identity.fold(slice.identity, [recorded], past))),
    )
    const { position, policy: after, stateHash } = slice.identity
    checkpoint = {
      ...checkpoint,
      position,
      policy: after,
      stateHash: StateHash.toText(stateHash),
    }
  }
  return dumpTables(tables)
}

/** Person ids depend on the project: the views of two projects agree in all else. */
const unnamed = (views: ReadonlyArray<WaitingView>) =>
  views.map(({ released, ...view }) => ({ ...view, at: released?.position, by: released?.by }))

/** What every read model promises. */
export const suite = <E>(name: string, layer: Layer.Layer<ReadModel, E>): void => {
  withLayer(layer, { timeout: "60 seconds", excludeTestServices: true })(
    `Persons on ${name}`,
    (it) => {
      it.effect(
        "rows, state hash and questions are those of the whole log, whatever the pages",
        () =>
          Effect.gen(function* () {
            const persons = yield* Persons
            const editions = yield* Editions
            for (let seed = 1; seed <= 60; seed++) {
              const preset = seed % 2 === 0 ? "page" : "posthog"
              const policy = Presets.presets[preset]
              const events = seed % 3 === 0 ? retractedEvents : randomEvents
              const log = recorded(events(seed, 50))
              const id = `paged-${seed}`
              const checkpoint = yield* project(id, log, 1 + (seed % 13), policy)
              expect(yield* editions.dump(ProjectId(id)), `seed ${seed}`).toBe(
                expected(id, log, policy),
              )
              const whole = Identity.empty(ProjectId(id), policy)
              Identity.fold(whole, EffectiveLog.effective(log))
              expect(checkpoint.stateHash, `seed ${seed}`).toBe(StateHash.toText(whole.stateHash))
              for (const [distinctId, { person, members }] of whole.components) {
                const found = yield* persons.find(ProjectId(id), distinctId)
                expect(found, `seed ${seed}`).toEqual({
                  ...person,
                  distinctIds: members.toSorted(),
                })
              }
              const listed = yield* persons.list({ project: ProjectId(id), limit: 1000 })
              expect(listed.results.length).toBe(Identity.components(whole).size)
            }
          }),
      )

      it.effect(
        "a commit from a checkpoint that has moved, or of an owner before, writes nothing",
        () =>
          Effect.gen(function* () {
            const store = yield* PersonStore
            const editions = yield* Editions
            const log = recorded(simpleEvents(7, 20))
            const id = ProjectId("fenced")
            const stale = yield* store.claim(id, logId)
            const checkpoint = yield* commitPage(stale, log.slice(0, 10), log)
            const before = yield* editions.dump(id)
            const late = yield* Effect.flip(commitPage(stale, log.slice(0, 10), log))
            expect(late).toMatchObject({ reason: { _tag: "Fenced" } })
            yield* store.claim(id, logId)
            const fenced = yield* Effect.flip(commitPage(checkpoint, log.slice(10), log))
            expect(fenced).toMatchObject({ reason: { _tag: "Fenced" } })
            expect(yield* editions.dump(id)).toBe(before)
          }),
      )

      it.effect("persons as of a position are those of the events up to it", () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const log = recorded(retractedEvents(17, 120))
          const id = ProjectId("as-of")
          yield* project(id, log, 13)
          for (let at = 0; at <= log.length; at += 7) {
            const then = Identity.empty(id)
            Identity.fold(then, EffectiveLog.effective(log.slice(0, at)))
            const listed = yield* persons.list({ project: id, limit: 1000, at: Position(at) })
            const expected = [...Identity.components(then)].map(({ person, members }) => ({
              ...person,
              distinctIds: members.toSorted(),
            }))
            const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
            expect(listed.results.toSorted(byId), `at ${at}`).toEqual(expected.toSorted(byId))
            for (const { distinctIds } of expected) {
              const [first] = distinctIds
              if (first === undefined) continue
              const found = yield* persons.find(id, first, Position(at))
              expect(found?.distinctIds).toEqual(distinctIds)
            }
          }
        }),
      )

      it.effect(
        "what waits, is warned of and is the rule as of a position is what it was then",
        () =>
          Effect.gen(function* () {
            const persons = yield* Persons
            const log = recorded(randomEvents(21, 120))
            const whole = ProjectId("all-of-it")
            yield* project(whole, log, 13)
            for (let position = 1; position <= log.length; position += 9) {
              const part = ProjectId(`up-to-${position}`)
              yield* project(part, log.slice(0, position), 13)
              const at = Position(position)
              for (const withReleased of [false, true]) {
                const asked = { limit: 1000, withReleased }
                const then = yield* persons.waiting({ project: part, ...asked })
                const told = yield* persons.waiting({ project: whole, ...asked, at })
                expect(unnamed(told), `at ${at}`).toEqual(unnamed(then))
              }
              const groups = yield* persons.warningGroups({ project: whole, at })
              const groupsThen = yield* persons.warningGroups({ project: part })
              expect(
                groups.map(({ type, count }) => ({ type, count })),
                `at ${at}`,
              ).toEqual(groupsThen.map(({ type, count }) => ({ type, count })))
              expect(yield* policyAt(whole, at)).toEqual(yield* policyAt(part))
            }
          }),
      )

      it.effect("an edition is made beside the live one, compared, and put in its place", () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const editions = yield* Editions
          const log = recorded(randomEvents(11, 80))
          const id = ProjectId("editions")
          const live = yield* project(id, log, 9)
          const before = yield* editions.dump(id)
          const ready = yield* editions.seal(yield* editions.claim(id, logId))
          const begun = yield* commitPage(ready, log.slice(0, 20), log)
          expect(yield* editions.dump(id), "nobody sees it").toBe(before)
          const stale = { ...live, epoch: live.epoch - 1 }
          expect(yield* editions.publish(begun, stale)).toBe("moved")
          expect(yield* editions.publish(begun, undefined)).toBe("moved")
          const resumed = yield* editions.claim(id, logId)
          expect(resumed.position, "it goes on where it was").toBe(begun.position)
          expect(yield* Effect.flip(editions.publish(begun, live))).toMatchObject({
            reason: { _tag: "Fenced" },
          })
          let made = resumed
          while (made.position < log.length) {
            const rest = Identity.pageOf(log.slice(made.position, made.position + 31))
            made = yield* commitPage(made, rest, log)
          }
          expect(yield* editions.compare(made)).toEqual({ position: 80, isSame: true, persons: [] })
          expect(yield* editions.publish(made, live)).toBe("published")
          expect(yield* editions.dump(id)).toBe(before)
          const late = yield* Effect.flip(commitPage(live, log.slice(0, 1), log))
          expect(late, "the one before is fenced").toMatchObject({ reason: { _tag: "Fenced" } })
          expect((yield* persons.checkpoint(id))?.stateHash).toBe(live.stateHash)
        }),
      )

      it.effect("an edition that differs names the persons, and is gone when it is discarded", () =>
        Effect.gen(function* () {
          const editions = yield* Editions
          const log = recorded(simpleEvents(13, 40))
          const id = ProjectId("differing")
          yield* project(id, log, 40, unbuffered)
          const ready = yield* editions.seal(yield* editions.claim(id, logId))
          const other = { ...ready, policy: Presets.posthog }
          const made = yield* commitPage(other, log, log)
          const compared = yield* editions.compare(made)
          expect(compared).toMatchObject({ position: 40, isSame: false })
          expect(compared.persons.length).toBeGreaterThan(0)
          yield* editions.discard(made)
          expect((yield* editions.claim(id, logId)).position).toBe(0)
        }),
      )

      it.effect(
        "persons are listed by pages that miss none and repeat none, and found by search",
        () =>
          Effect.gen(function* () {
            const persons = yield* Persons
            const id = ProjectId("listed")
            yield* project(id, recorded(simpleEvents(5, 60)), 10, unbuffered)
            const all = yield* persons.list({ project: id, limit: 1000 })
            const paged: Array<string> = []
            let cursor: string | undefined
            do {
              const page = yield* persons.list({ project: id, limit: 2, ...(cursor && { cursor }) })
              paged.push(...page.results.map((person) => person.id))
              cursor = page.next
            } while (cursor !== undefined)
            expect(paged).toEqual(all.results.map((person) => person.id))
            const some = yield* persons.list({ project: id, limit: 1000, search: "GUEST" })
            expect(some.results.map((person) => person.distinctIds)).toEqual([["Guest"]])
            const none = yield* persons.list({ project: id, limit: 1000, search: "%" })
            expect(none.results).toEqual([])
          }),
      )

      it.effect.each(searches)("search %j finds %j", ([search, expected]) =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const id = ProjectId("searched")
          if ((yield* persons.checkpoint(id)) === undefined) {
            yield* project(id, recorded(people), 10, unbuffered)
          }
          const listed = persons.list({ project: id, limit: 1000, search })
          const names = (yield* listed).results.map(({ distinctIds }) => distinctIds.join())
          expect(names.toSorted()).toEqual(expected.toSorted())
          // A listing in small pages continues where the last page ended.
          const paged: Array<string> = []
          let cursor: string | undefined
          do {
            const asked = { project: id, limit: 1, search, ...(cursor && { cursor }) }
            const page = yield* persons.list(asked)
            paged.push(...page.results.map(({ distinctIds }) => distinctIds.join()))
            cursor = page.next
          } while (cursor !== undefined)
          expect(paged.toSorted()).toEqual(expected.toSorted())
        }),
      )

      it.effect("very many that a search finds by an id are listed by pages, too", () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const id = ProjectId("crowd")
          const crowd = Array.from({ length: 10_050 }, (_, at) => person(at, `Crowd-${at}`, {}))
          yield* project(id, recorded(crowd), 2000, unbuffered)
          const page = yield* persons.list({ project: id, limit: 1000, search: "cROWD-9" })
          const more = { project: id, limit: 1000, search: "cROWD-9", cursor: page.next ?? "" }
          const rest = yield* persons.list(more)
          expect([page.results.length, rest.results.length, rest.next]).toEqual([
            1000,
            111,
            undefined,
          ])
          const all = yield* persons.list({ project: id, limit: 3, search: "CROWD" })
          expect(all.results).toHaveLength(3)
        }),
      )

      it.effect.each([undefined, "large"])(
        "a page of large persons ends with what a process holds, and the next goes on: search %s",
        (search) =>
          Effect.gen(function* () {
            const persons = yield* Persons
            const id = ProjectId("large")
            const text = "x".repeat(600_000)
            const names = Array.from({ length: 30 }, (_, at) => `large-${at}`)
            const crowd = names.map((name, at) => person(at, name, { text }))
            if ((yield* persons.checkpoint(id)) === undefined) {
              yield* project(id, recorded(crowd), 10, unbuffered)
            }
            const pages: Array<ReadonlyArray<string>> = []
            let cursor: string | undefined
            do {
              const more = { ...(search && { search }), ...(cursor && { cursor }) }
              const page = yield* persons.list({ project: id, limit: 1000, ...more })
              pages.push(page.results.flatMap(({ distinctIds }) => distinctIds))
              cursor = page.next
            } while (cursor !== undefined)
            expect(pages.map(({ length }) => length)).toEqual([27, 3])
            expect(pages.flat().toSorted()).toEqual(names.toSorted())
          }),
      )

      it.effect("warnings are searched in their types and in the values of their details", () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const id = ProjectId("searched warnings")
          const refused = ["ÖZIL", 'quote"d'].flatMap((name, at) => [
            incoming(2 * at, name, { event: "$identify", $anon_distinct_id: "x" + name }),
            incoming(2 * at + 1, "null", { event: "$identify", $anon_distinct_id: name }),
          ])
          yield* project(id, recorded(refused), 10, unbuffered)
          const count = Effect.fnUntraced(function* (search: string) {
            const groups = yield* persons.warningGroups({ project: id, search })
            return groups.reduce((sum, group) => sum + group.count, 0)
          })
          for (const [search, expected] of [
            ["özil", 1],
            ['E"D', 1],
            ['"', 1],
            ["ILLEGAL_DISTINCT", 2],
            ["eventUuid", 0],
            ["nobody", 0],
            ["", 2],
          ] as const) {
            expect(yield* count(search), search).toBe(expected)
          }
        }),
      )

      it.effect("warnings come by type with their number, and in the order of the log", () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const id = ProjectId("warned")
          const log = recorded(randomEvents(3, 200))
          yield* project(id, log, 17)
          const all = yield* persons.warnings({ project: id, after: zero, limit: 1000 })
          expect(all.length).toBeGreaterThan(10)
          const groups = yield* persons.warningGroups({ project: id })
          for (const group of groups) {
            const ofType = all.filter((warning) => warning.type === group.type)
            expect(group.count).toBe(ofType.length)
            expect(group.warnings).toEqual(ofType.toReversed().slice(0, 50))
          }
          const about = yield* persons.warningGroups({
            project: id,
            distinctId: DistinctId("Guest"),
          })
          const named = all.filter((warning) => Object.values(warning.details).includes("Guest"))
          expect(about.reduce((sum, group) => sum + group.count, 0)).toBe(named.length)
          const asked = { project: id, after: zero, limit: 1000 }
          expect(yield* persons.warnings({ ...asked, distinctId: "Guest" })).toEqual(named)
          const [{ type = "" } = {}] = groups
          const ofType = all.filter((warning) => warning.type === type)
          expect(yield* persons.warnings({ ...asked, type })).toEqual(ofType)
          const at = Position(100)
          const byThen = yield* persons.warningGroups({ project: id, at })
          const counted = byThen.reduce((sum, group) => sum + group.count, 0)
          expect(counted).toBeLessThan(all.length)
          expect(yield* persons.warnings({ ...asked, at })).toHaveLength(counted)
        }),
      )
    },
  )
}
