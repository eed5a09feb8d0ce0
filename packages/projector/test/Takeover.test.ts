import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import type * as Event from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as Takeover from "../src/Takeover.ts"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { claim } from "../src/page/ProjectPage.ts"
import { Projector } from "../src/Projector.ts"
import { longLogMin } from "../src/rebuild/Rebuild.ts"
import { inMemory } from "./personsLayers.ts"
import { simpleEvents } from "@onymous/simulator/random/FewIds"

/** What a projector sees of its project, once it was fenced at position 10 of edition "7", in epoch 1. */
const seen = ({ mark, head = 30, ...live }: Seen = {}): Takeover.Observation => ({
  live: { edition: "7", epoch: 2, ...live, position: Position(live.position ?? 10) },
  mark,
  head: Position(head),
})

interface Seen {
  readonly edition?: string
  readonly epoch?: number
  readonly position?: number
  readonly mark?: string
  readonly head?: number
}

const wait = (sameLooks: number): Takeover.Decision => ({ _tag: "Wait", sameLooks })
const [leave, take, own] = [{ _tag: "Leave" }, { _tag: "Take" }, { _tag: "Own" }] as const
const first = undefined

/** Name, look before, number of equal looks so far, look now, decision. */
const decisions: ReadonlyArray<
  readonly [string, Seen | undefined, number, Seen, Takeover.Decision]
> = [
  ["at the first look, nothing stands still", first, 0, {}, wait(0)],
  ["also at the head, the first look only looks", first, 0, { position: 30 }, wait(0)],
  ["where nothing moves, the looks are counted", {}, 0, {}, wait(1)],
  ["nine looks are not enough", {}, 8, {}, wait(9)],
  ["whoever stands still for ten looks loses the project", {}, 9, {}, take],
  ["an owner who commits is at work", {}, 9, { position: 11 }, wait(0)],
  ["another owner than before is at work", {}, 9, { epoch: 3 }, wait(0)],
  ["a rebuild that begins is at work", {}, 9, { mark: "1" }, wait(0)],
  ["a rebuild whose heart beats is at work", { mark: "1" }, 9, { mark: "2" }, wait(0)],
  ["a rebuild whose heart is still is dead", { mark: "2" }, 9, { mark: "2" }, take],
  ["events that come are no work of the owner", {}, 9, { head: 31 }, take],
  ["who is at the head has done it all", {}, 0, { position: 30 }, leave],
  ["and stands still with good reason", { position: 30 }, 9, { position: 30 }, leave],
  ["a new edition is for whoever comes first", {}, 0, { edition: "8" }, own],
  ["be it at the first look", first, 0, { edition: "8", epoch: 1 }, own],
  ["what is given back is gone on with", { mark: "1" }, 3, { epoch: 1 }, own],
  ["be it at the head", { position: 30 }, 0, { edition: "8", position: 30 }, own],
]

it.each(decisions)("of a project that was lost, %s", (_, before, sameLooks, now, decision) => {
  const last = before && { last: seen(before) }
  expect(Takeover.decide(seen(now), { edition: "7", epoch: 1, sameLooks, ...last })).toEqual(
    decision,
  )
})

it.each([
  ["nothing of a short log", 0, longLogMin - 1, false],
  ["nothing of a long log", 0, longLogMin, true],
  ["little of a long log", 100_000, 1_000_000, true],
  ["a third of a long log", 300_000, 900_000, true],
  ["more than a third of a long log", 300_001, 900_000, false],
  ["nearly all of a very long log", 10_000_000, 10_100_000, false],
  ["all of it", 1_000_000, 1_000_000, false],
])("where %s is derived, a rebuild is the faster way or not", (_, position, head, isFar) => {
  expect(Takeover.isFarBehind(Position(position), Position(head))).toBe(isFar)
})

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
      const waiting = yield* Effect.forkScoped(Takeover.deriveLong(yield* claim(project)))
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
    yield* Effect.forkScoped(projector.run)
    const first = yield* Effect.forkScoped(projector.waitFor(project, Position(30), 30))
    yield* TestClock.adjust("1 second")
    yield* Fiber.join(first)
    // Another projector takes over, and dies.
    const { logId } = yield* log.head(project)
    yield* store.claim(project, logId)
    yield* append(events.slice(30))
    yield* TestClock.adjust("30 seconds")
    expect(yield* persons.checkpoint(project)).toMatchObject({ position: 60 })
  }).pipe(Effect.provide(inMemory)),
)
