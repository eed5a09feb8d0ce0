import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Layer } from "effect"
import * as Actors from "@onymous/actor/Actors"
import * as Database from "@onymous/database/Database"
import * as Migrations from "@onymous/database/Migrations"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { migrations as logMigrations } from "@onymous/log/sql/LogMigrations"
import * as SqlEventLog from "@onymous/log/sql/SqlEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import { Freshness } from "@onymous/persons/reading/Freshness"
import * as Projector from "@onymous/projector/Projector"
import { migrations } from "@onymous/persons/sql/PersonsMigrations"
import * as SqlPersons from "@onymous/persons/sql/SqlPersons"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import type { History } from "../src/history/History.ts"
import * as DatabaseHistory from "../src/history/DatabaseHistory.ts"
import * as FileHistory from "../src/history/FileHistory.ts"
import { HistorySource } from "../src/history/HistorySource.ts"
import * as Story from "../src/questions/story/Story.ts"
import * as ChangeForms from "@onymous/api/forms/ChangeForms"
import * as WhyForms from "@onymous/api/forms/WhyForms"
import * as WhatIf from "../src/questions/WhatIf.ts"
import * as Why from "../src/questions/Why.ts"
import { randomHistory } from "./historySupport.ts"

const migrated = Layer.effectDiscard(Migrations.run(logMigrations, migrations))

const sql = Layer.merge(SqlEventLog.layer({ listens: false }), SqlPersons.layer).pipe(
  Layer.provide(migrated),
  Layer.provide(Database.layer("memory")),
)

/** The events of a random log, with retractions of some events and of some retractions. */
const eventsOf = (seed: number) => {
  const next = RandomEvents.random(seed)
  const preset = seed % 2 === 0 ? "page" : "posthog"
  const { log } = randomHistory(preset, seed, 40)
  const events: Array<Pick<Recorded, "event" | "recordedAt">> = [
    {
      event: { _tag: "PolicyChanged", uuid: crypto.randomUUID(), change: Presets.presets[preset] },
      recordedAt: log[0]?.recordedAt ?? 0,
    },
  ]
  for (const recorded of log) {
    events.push(recorded)
    const { event } = events[RandomEvents.below(next, events.length)] ?? recorded
    if (next() > 0.15 || !("distinctId" in event)) continue
    const { distinctId } = event
    const source = "source" in event && event.source !== undefined ? { source: event.source } : {}
    const who = { uuid: crypto.randomUUID(), distinctId, ...source, by: "us", reason: "a test" }
    const retracted = { _tag: "Retracted" as const, ...who, eventUuid: event.uuid }
    events.push({ event: retracted, recordedAt: recorded.recordedAt })
  }
  return events.map(({ event, recordedAt }) => ({ event, recordedAt, payload: "{}" }))
}

const filled = Effect.fnUntraced(function* (seed: number) {
  const log = yield* EventLog
  const project = ProjectId(`random-${seed}`)
  yield* log.createProject({ id: project, token: project, keyHash: "" })
  const events = eventsOf(seed)
  if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
  yield* (yield* Freshness).reach(project, Position(events.length))
  return yield* (yield* HistorySource).whole(project)
})

const idsOf = ({ tables }: History): ReadonlyArray<DistinctId> => [...tables.memberships.keys()]

const stored = Effect.map(HistorySource, (source) => source)

const kept = ({ project, log, startPolicy }: History) =>
  Effect.flatMap(FileHistory.make(project, log, startPolicy), (file) =>
    Effect.provide(stored, FileHistory.layer(file)),
  )

/** A layer with a projector that derives what answers wait for. */
const followed = <E>(layer: Layer.Layer<EventLog | Layer.Success<typeof layerMemory>, E>) =>
  Projector.freshness(300).pipe(
    Layer.provide(Projector.layer),
    Layer.provide(Actors.layer),
    Layer.provideMerge(layer),
  )

/** The suite on a layer; `sourceOf` decides from where questions read the log. */
const suite = (
  name: string,
  layer: Layer.Layer<EventLog | Layer.Success<typeof layerMemory>, unknown>,
  seeds: ReadonlyArray<number>,
  sourceOf: (whole: History) => typeof stored = () => stored,
) =>
  withLayer(Layer.provideMerge(DatabaseHistory.layer(), followed(layer)), {
    timeout: "600 seconds",
    excludeTestServices: true,
  })(`on ${name}`, (it) => {
    it.effect("persons, chains and stories of an id are those of the whole history", () =>
      Effect.gen(function* () {
        for (const seed of seeds) {
          const whole = yield* filled(seed)
          const past = yield* sourceOf(whole)
          const ids = idsOf(whole)
          for (const [index, id] of ids.entries()) {
            const other = ids[(index + 1 + (seed % 3)) % ids.length] ?? id
            const part = yield* past.about(whole.project, new Set([id, other]))
            const where = `seed ${seed}, ${id} and ${other}`
            expect(part.head, where).toBe(whole.head)
            for (let at = 0; at <= whole.head; at++) {
              const position = Position(at)
              expect(part.personAt(id, position), `${where} at ${at}`).toEqual(
                whole.personAt(id, position),
              )
            }
            const why = Why.why(part, id, other)
            expect(WhyForms.why(why), where).toEqual(WhyForms.why(Why.why(whole, id, other)))
            expect(Story.story(part, id), where).toEqual(Story.story(whole, id))
          }
        }
      }),
    )

    it.effect("a what-if about some events is that of the whole log, edited and folded again", () =>
      Effect.gen(function* () {
        let differences = 0
        for (const seed of seeds) {
          const whole = yield* filled(seed + 10_000)
          const past = yield* sourceOf(whole)
          for (const { event, position } of whole.log) {
            if (!("distinctId" in event) || (position + seed) % 7 !== 0) continue
            const source = "source" in event && event.source !== undefined ? [event.source] : []
            const ids = new Set([event.distinctId, ...source])
            const again = { ...event, uuid: crypto.randomUUID() }
            for (const edit of [
              { without: new Set([event.uuid]) },
              { insert: [{ event: again }] },
              { insert: [{ event: again }], from: Position(seed % whole.head) },
            ]) {
              const part = yield* past.about(whole.project, ids, edit)
              const local = WhatIf.whatIf(part, edit)
              const all = WhatIf.whatIf(whole, edit)
              const view = (difference: typeof all) =>
                ChangeForms.difference(whole.project, difference)
              const where = `seed ${seed}, ${JSON.stringify(event)} at ${position}`
              expect(sorted(view(local)), where).toEqual(sorted(view(all)))
              differences += all.persons.length
            }
          }
        }
        expect(differences).toBeGreaterThan(seeds.length)
      }),
    )
  })

const sorted = (view: ReturnType<typeof ChangeForms.difference>): string =>
  JSON.stringify(view, (_, value: unknown) =>
    Array.isArray(value)
      ? value.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : value,
  )

suite("memory", Layer.merge(logMemory, layerMemory), Arr.range(1, 60))
suite("a file", Layer.merge(logMemory, layerMemory), Arr.range(201, 260), kept)
suite("PGlite", sql, Arr.range(101, 106))
