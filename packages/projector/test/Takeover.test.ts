import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type * as Event from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { fromTheBeginning } from "../src/Takeover.ts"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { claim } from "../src/page/ProjectPage.ts"
import { Projector } from "../src/Projector.ts"
import { longLogMin } from "../src/rebuild/Rebuild.ts"
import { inMemory } from "./personsLayers.ts"
import { simpleEvents } from "@onymous/simulator/random/FewIds"

it.effect(
  "who finds another at a long log waits for it, and goes on with it when that one is dead",
  () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const editions = yield* Editions
      const project = ProjectId("left")
      yield* log.createProject({ id: project, token: "t", keyHash: "" })
      const events = simpleEvents(1, longLogMin)
      if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
      const { logId } = yield* log.head(project)
      const others = yield* editions.claim(project, logId, { isLong: true })
      const waiting = yield* Effect.forkScoped(fromTheBeginning(yield* claim(project)))
      yield* TestClock.adjust("2 seconds")
      yield* editions.beat(others)
      yield* TestClock.adjust("5 seconds")
      expect(waiting.pollUnsafe(), "it waits while the other is alive").toBeUndefined()
      yield* TestClock.adjust("1 minute")
      const begun = yield* Fiber.join(waiting)
      expect(begun.position).toBeGreaterThanOrEqual(longLogMin)
      expect(begun.edition, "what the other had begun is gone on with").toBe(others.edition)
    }).pipe(Effect.provide(inMemory)),
)

it.effect("who takes a project back goes on with it, though nothing more comes", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const store = yield* PersonStore
    const projector = yield* Projector
    const project = ProjectId("taken back")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const append = (events: ReadonlyArray<Event.Incoming>) =>
      Arr.isReadonlyArrayNonEmpty(events) ? log.append(project, events) : Effect.void
    const events = simpleEvents(1, 60)
    yield* append(events.slice(0, 30))
    yield* projector.wake(project)
    const first = yield* Effect.forkScoped(projector.reached(project, Position(30), 30))
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(first)
    // Another one takes over, and is killed.
    const { logId } = yield* log.head(project)
    yield* store.claim(project, logId)
    yield* append(events.slice(30))
    yield* projector.wake(project)
    yield* TestClock.adjust("1 minute")
    expect(yield* persons.checkpoint(project)).toMatchObject({ position: 60 })
  }).pipe(Effect.provide(inMemory)),
)
