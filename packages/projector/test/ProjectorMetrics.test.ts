import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Metric, Result } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "@onymous/actor/Actors"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { PersonsError } from "@onymous/persons/PersonsError"
import * as LagWatch from "../src/LagWatch.ts"
import * as Projector from "../src/Projector.ts"

const project = ProjectId("measured")

const services = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, layerMemory)),
  Layer.provide(Actors.layer),
)

interface Sent {
  readonly event: string
  readonly distinct_id: string
  readonly properties?: object
}

const send = Effect.fnUntraced(function* (...events: Arr.NonEmptyReadonlyArray<Sent>) {
  const made = Arr.map(events, (event) => {
    const uuid = crypto.randomUUID()
    return Result.getOrThrow(EventDecoder.decode({ ...event, uuid }, () => uuid))
  })
  return (yield* (yield* EventLog).append(project, made)).position
})

const created = Effect.flatMap(EventLog, (log) =>
  log.createProject({ id: project, token: "t", keyHash: "" }),
)

/** The states of the metrics, by name, and by type where a metric has one. */
const measured = Effect.map(Metric.snapshot, (metrics) =>
  Object.fromEntries(
    metrics.map(({ id, attributes, state }) => [
      [id, attributes?.["type"]].filter((each) => each !== undefined).join(" "),
      state,
    ]),
  ),
)

const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Metric.MetricRegistry, new Map())

const identified = (distinct_id: string, anonymous: string): Sent => ({
  event: "$identify",
  distinct_id,
  properties: { $anon_distinct_id: anonymous },
})

it.effect(
  "pages, their events and the warnings that they raise are measured as they are committed",
  () =>
    Effect.gen(function* () {
      yield* created
      const { waitFor } = yield* Projector.Projector
      yield* send(identified("ann", "phone"), identified("bob", "phone"))
      const position = yield* send(identified("bob", "tablet"))
      const waiting = yield* Effect.forkChild(waitFor(project, position, 60))
      yield* TestClock.adjust("1 second")
      expect(waiting.pollUnsafe()).toBeDefined()
      expect(yield* measured).toMatchObject({
        "onymous.page.events": { count: 3 },
        "onymous.page.duration": { count: 1 },
        "onymous.projector.owner": { value: 1 },
        "onymous.warnings cannot_merge_already_identified": { count: 1 },
      })
    }).pipe(Effect.provide(services), alone),
)

it.effect("how far a project is behind is told in events and seconds, until it has caught up", () =>
  Effect.gen(function* () {
    yield* created
    const gapAges = new Map<ProjectId, number>()
    yield* Effect.forkScoped(LagWatch.run({ gapAges, standstills: new Map() }))
    yield* TestClock.adjust("10 seconds")
    const none = {
      "onymous.projector.gap": { value: 0 },
      "onymous.projector.gap_age": { value: 0 },
    }
    expect(yield* measured).toMatchObject(none)
    const position = yield* send(identified("ann", "phone"), { event: "seen", distinct_id: "ann" })
    yield* TestClock.adjust("20 seconds")
    const behind = yield* measured
    expect(behind).toMatchObject({ "onymous.projector.gap": { value: 2 } })
    expect(gapAges.get(project)).toBe(
      Reflect.get(Object(behind["onymous.projector.gap_age"]), "value"),
    )
    expect(gapAges.get(project)).toBeGreaterThanOrEqual(10)
    const { waitFor } = yield* Projector.Projector
    const caughtUp = yield* Effect.forkChild(waitFor(project, position, 600))
    yield* TestClock.adjust("20 seconds")
    expect(caughtUp.pollUnsafe()).toBeDefined()
    expect(yield* measured).toMatchObject(none)
    expect([...gapAges]).toEqual([])
  }).pipe(Effect.provide(services), alone),
)

it.effect("events that wait are counted, and those of a project that has none are none", () =>
  Effect.gen(function* () {
    yield* created
    const { run, waitFor } = yield* Projector.Projector
    yield* Effect.forkScoped(run)
    const position = yield* send({ event: "paid", distinct_id: "cid" })
    yield* Effect.forkChild(waitFor(project, position, 600))
    yield* TestClock.adjust("11 seconds")
    expect(yield* measured).toMatchObject({ "onymous.waiting.events": { value: 1 } })
    yield* TestClock.adjust("2 minutes")
    expect(yield* measured).toMatchObject({ "onymous.waiting.events": { value: 0 } })
  }).pipe(Effect.provide(services), alone),
)

it.effect(
  "each failure after which the projector begins again is counted, and so is a standstill",
  () => {
    let failures = 2
    const unavailable = new PersonsError({ reason: { _tag: "Unavailable", cause: "it is down" } })
    const failing = Layer.effect(
      PersonStore,
      Effect.map(PersonStore, (store) =>
        PersonStore.of({
          ...store,
          commit: (page) =>
            failures-- > 0
              ? Effect.fail(unavailable)
              : page.to.position > 1
                ? Effect.die("a defect")
                : store.commit(page),
        }),
      ),
    )
    const layer = Projector.layer.pipe(
      Layer.provideMerge(Layer.provideMerge(failing, Layer.merge(logMemory, layerMemory))),
      Layer.provide(Actors.layer),
    )
    return Effect.gen(function* () {
      yield* created
      yield* Effect.forkScoped((yield* Projector.Projector).run)
      yield* send(identified("ann", "phone"))
      yield* TestClock.adjust("1 minute")
      const found = yield* measured
      expect(found).toMatchObject({ "onymous.projector.restarts": { count: 2 } })
      expect(found).toMatchObject({ "onymous.projector.stopped": { value: 0 } })
      yield* send(identified("ann", "tablet"))
      yield* TestClock.adjust("1 minute")
      expect(yield* measured).toMatchObject({ "onymous.projector.stopped": { value: 1 } })
    }).pipe(Effect.provide(layer), alone)
  },
)

it.effect("a rebuild tells how far it is, and nothing once it has ended", () =>
  Effect.gen(function* () {
    yield* created
    yield* send(identified("ann", "phone"), identified("bob", "tablet"))
    const { rebuild } = yield* Projector.Projector
    const steps: Array<unknown> = []
    const step = Effect.map(measured, (found) => {
      steps.push([found["onymous.rebuild.position"], found["onymous.rebuild.head"]])
    })
    const rebuilding = yield* Effect.forkChild(rebuild(project, {}, () => step))
    yield* TestClock.adjust("1 minute")
    expect(rebuilding.pollUnsafe()).toBeDefined()
    expect(steps.at(-1)).toEqual([{ value: Position(2) }, { value: Position(2) }])
    expect(yield* measured).not.toHaveProperty(["onymous.rebuild.head"])
  }).pipe(Effect.provide(services), alone),
)

it.effect("of a project in which nothing happens for an hour nothing is kept, until it does", () =>
  Effect.gen(function* () {
    yield* created
    const kept = Effect.map(Metric.snapshot, (metrics) =>
      metrics.flatMap(({ id, attributes }) => (attributes?.["project"] === project ? id : [])),
    )
    yield* Effect.forkScoped(LagWatch.run({ gapAges: new Map(), standstills: new Map() }))
    const { waitFor } = yield* Projector.Projector
    const seen = Effect.fnUntraced(function* (...events: Arr.NonEmptyReadonlyArray<Sent>) {
      const position = yield* send(...events)
      const reached = yield* Effect.forkChild(waitFor(project, position, 60))
      yield* TestClock.adjust("20 seconds")
      expect(reached.pollUnsafe()).toBeDefined()
    })
    yield* seen(identified("ann", "phone"), identified("bob", "phone"))
    yield* TestClock.adjust("59 minutes")
    expect(yield* kept).toEqual(
      expect.arrayContaining(["onymous.projector.gap", "onymous.page.events", "onymous.warnings"]),
    )
    yield* TestClock.adjust("2 minutes")
    expect(yield* kept).toEqual([])
    yield* seen(identified("bob", "phone"))
    expect(yield* measured).toMatchObject({
      "onymous.projector.gap": { value: 0 },
      "onymous.page.events": { count: 1 },
      "onymous.warnings cannot_merge_already_identified": { count: 1 },
    })
  }).pipe(Effect.provide(services), alone),
)
