import { expect, it } from "@effect/vitest"
import { Clock, Effect, Layer, Result } from "effect"
import { TestClock } from "effect/testing"
import * as Actors from "@onymous/actor/Actors"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import * as Identity from "@onymous/identity/Identity"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import * as Projector from "../src/Projector.ts"
import { databaseSuite, suite } from "./DueClock.contract.ts"
import { inMemory, projectorOn } from "./personsLayers.ts"

const memory = Projector.layer.pipe(
  Layer.provideMerge(Layer.merge(logMemory, layerMemory)),
  Layer.provide(Actors.layer),
)

suite("memory", inMemory)
databaseSuite("PGlite", projectorOn("memory"))

const project = ProjectId("quiet")

const send = Effect.fnUntraced(function* (event: string, distinct_id: string, properties = {}) {
  const uuid = crypto.randomUUID()
  const wire = { event, distinct_id, properties, uuid }
  const incoming = Result.getOrThrow(EventDecoder.decode(wire, () => uuid))
  yield* (yield* EventLog).append(project, [incoming])
})

/** Lets time pass, a tenth of a second at a time, until the persons have caught up and the condition holds. */
const until = Effect.fnUntraced(function* (condition: Effect.Effect<boolean, unknown>) {
  const log = yield* EventLog
  const persons = yield* Persons
  for (let step = 0; step < 5000; step++) {
    const { position } = yield* log.head(project)
    const checkpoint = yield* persons.checkpoint(project)
    if (checkpoint?.position === position && (yield* condition)) return
    yield* TestClock.adjust("100 millis")
  }
  throw new Error("It never came to be.")
})

const replayedHash = Effect.gen(function* () {
  const identity = Identity.empty(project)
  const log = yield* EventLog
  Identity.fold(identity, yield* log.read({ project, after: zero, limit: 10_000 }))
  return StateHash.toText(identity.stateHash)
})

it.effect(
  "in a quiet project a waiting event is released on time, by one tick, as in a replay",
  () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const persons = yield* Persons
      const projector = yield* Projector.Projector
      yield* log.createProject({ id: project, token: "t", keyHash: "" })
      yield* Effect.forkScoped(projector.run)
      const start = yield* Clock.currentTimeMillis
      yield* send("signed up", "ann")
      const isWaiting = Effect.map(
        persons.waiting({ project, limit: 2 }),
        ({ length }) => length === 1,
      )
      yield* until(isWaiting)
      expect(yield* persons.find(project, DistinctId("ann"))).toBeUndefined()
      yield* until(Effect.map(isWaiting, (is) => !is))
      const waited = (yield* Clock.currentTimeMillis) - start
      expect(waited).toBeGreaterThanOrEqual(60_000)
      expect(waited).toBeLessThan(63_000)
      expect((yield* persons.find(project, DistinctId("ann")))?.distinctIds).toEqual(["ann"])
      yield* TestClock.adjust("1 hour")
      const events = yield* log.read({ project, after: zero, limit: 10 })
      expect(events.map(({ event }) => event._tag)).toEqual(["Captured", "Ticked"])
      expect((yield* persons.checkpoint(project))?.stateHash).toBe(yield* replayedHash)
    }).pipe(Effect.provide(memory)),
)

it.effect("what was due while nobody ran is released when somebody does", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const projector = yield* Projector.Projector
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    yield* send("signed up", "ann")
    yield* TestClock.adjust("1 day")
    yield* Effect.forkScoped(projector.run)
    const isThere = Effect.map(
      persons.find(project, DistinctId("ann")),
      (found) => found !== undefined,
    )
    yield* until(isThere)
    expect((yield* persons.checkpoint(project))?.stateHash).toBe(yield* replayedHash)
  }).pipe(Effect.provide(memory)),
)

it.effect("an event past the due time releases it, and no tick comes", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const projector = yield* Projector.Projector
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    yield* send("signed up", "ann")
    yield* TestClock.adjust("2 minutes")
    yield* send("$identify", "bob", { $anon_distinct_id: "device" })
    yield* Effect.forkScoped(projector.run)
    yield* until(Effect.succeed(true))
    const [released] = yield* persons.waiting({ project, limit: 1, withReleased: true })
    expect(released?.released).toMatchObject({ position: 2, by: "event" })
    yield* TestClock.adjust("1 hour")
    expect((yield* log.head(project)).position).toBe(2)
  }).pipe(Effect.provide(memory)),
)
