import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, type Layer, Schema } from "effect"
import * as ConeForms from "@onymous/api/page/ConeForms"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Presets from "@onymous/identity/policy/Presets"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import { retractedEvents } from "@onymous/simulator/random/FewIds"
import * as Cone from "../src/history/Cone.ts"
import { build } from "../src/history/History.ts"
import { HistorySource } from "../src/history/HistorySource.ts"
import * as WhatIf from "../src/questions/WhatIf.ts"
import * as Why from "../src/questions/Why.ts"
import { inMemory, onDatabase } from "./asOfLayers.ts"

const limits = { eventsMax: 100_000, bytesMax: 1e9 }

const encode = Schema.encodeUnknownSync(Schema.fromJsonString(ConeForms.ConeLine))
const decode = Schema.decodeUnknownSync(Schema.fromJsonString(ConeForms.ConeLine))

const filled = Effect.fnUntraced(function* (seed: number) {
  const log = yield* EventLog
  const project = ProjectId(`cone-${seed}`)
  yield* log.createProject({ id: project, token: project, keyHash: "" })
  const change = Presets.presets[seed % 2 === 0 ? "page" : "posthog"]
  const event = { _tag: "PolicyChanged" as const, uuid: crypto.randomUUID(), change }
  const events = [{ event, payload: "{}" }, ...retractedEvents(seed, 40)]
  // Time passes, so that waiting events are released on the way.
  const timed = events.map((each, index) => ({
    ...each,
    recordedAt: 1_600_000_000_000 + index * 2500,
  }))
  if (Arr.isReadonlyArrayNonEmpty(timed)) yield* log.append(project, timed)
  yield* (yield* Freshness).reach(project, Position(timed.length))
  return project
})

/** A cone as a page gets it: its lines were texts on the way. */
const sent = Effect.fnUntraced(function* (project: ProjectId, id: string) {
  const whole = yield* (yield* HistorySource).whole(project)
  const [distinctId] = [...whole.tables.memberships.keys()].filter((each) => each === id)
  if (distinctId === undefined) return undefined
  const cone = yield* Cone.read(project, new Set([distinctId]), limits)
  const texts = ConeForms.lines(cone, Presets.page).map((line) => encode(line))
  const { head, log } = ConeForms.read(texts.map((text) => decode(text)))
  expect(log.map(({ event }) => event)).toEqual(cone.log?.map(({ event }) => event))
  const inCone: ReadonlySet<string> = new Set(head.ids)
  return { distinctId, ids: inCone, history: yield* build(project, log, head.start_policy) }
})

const suite = <E>(
  name: string,
  layer: Layer.Layer<EventLog | Persons | Freshness | HistorySource, E>,
  seeds: ReadonlyArray<number>,
) =>
  withLayer(layer, { timeout: "600 seconds", excludeTestServices: true })(`on ${name}`, (it) => {
    it.effect(
      "the fold of a cone that was sent tells the persons and whys that the server tells",
      () =>
        Effect.gen(function* () {
          const [persons, source] = [yield* Persons, yield* HistorySource]
          for (const seed of seeds) {
            const project = yield* filled(seed)
            for (const id of ["a", "c", "Guest"]) {
              const got = yield* sent(project, id)
              if (got === undefined) continue
              const { distinctId, history } = got
              expect(history.head).toBe(41)
              for (let at = 1; at <= 41; at++) {
                const where = `seed ${seed}, ${id} at ${at}`
                const stored = yield* persons.find(project, distinctId, Position(at))
                expect(history.personAt(distinctId, at), where).toEqual(stored)
              }
              const about = yield* source.about(project, new Set([distinctId]))
              for (const other of about.tables.memberships.keys()) {
                const why = WhyForms.why(Why.why(history, distinctId, other))
                expect(why).toEqual(WhyForms.why(Why.why(about, distinctId, other)))
              }
            }
          }
        }),
    )

    it.effect("without any one of its events it tells what the whole log tells without it", () =>
      Effect.gen(function* () {
        const source = yield* HistorySource
        let differences = 0
        for (const seed of seeds) {
          const project = yield* filled(seed + 1000)
          const whole = yield* source.whole(project)
          const got = yield* sent(project, "a")
          if (got === undefined) continue
          // An illegal id is in no cone, so a cone lacks other events of that id's person.
          const isOfCone = (id: string) => got.ids.has(id)
          const ofCone = ({ persons }: ReturnType<typeof WhatIf.whatIf>) =>
            persons.filter(({ before, after }) =>
              [before, after].some((view) => view?.distinctIds.some(isOfCone)),
            )
          for (const { event } of got.history.log) {
            if (!("distinctId" in event)) continue
            const edit = { without: new Set([event.uuid]) }
            const found = ofCone(WhatIf.whatIf(got.history, edit))
            const where = `seed ${seed}, without ${event.uuid}`
            expect(found, where).toEqual(ofCone(WhatIf.whatIf(whole, edit)))
            differences += found.length
          }
        }
        expect(differences).toBeGreaterThan(0)
      }),
    )

    it.effect("of more than the limits only the size is told", () =>
      Effect.gen(function* () {
        const project = yield* filled(5000)
        const [id] = [...(yield* (yield* HistorySource).whole(project)).tables.memberships.keys()]
        const ids = new Set(id === undefined ? [] : [id])
        for (const few of [
          { eventsMax: 1, bytesMax: 1e9 },
          { eventsMax: 1000, bytesMax: 1 },
        ]) {
          const cone = yield* Cone.read(project, ids, few)
          expect(cone.log).toBeUndefined()
          const [head, ...rest] = ConeForms.lines(cone, Presets.page)
          expect(head).toMatchObject({ is_whole: false, ids: [], until: 41 })
          expect(rest).toEqual([])
        }
      }),
    )
  })

suite("memory", inMemory, [1, 2, 3, 4, 5, 6, 7, 8])
suite("PGlite", onDatabase("memory"), [1, 2])
