import { describe, expect, it } from "@effect/vitest"
import { Clock, Effect, type Layer, Queue, Result } from "effect"
import { randomUUID } from "node:crypto"
import * as Uuid from "@onymous/identity/encoding/Uuid"
import * as EventDecoder from "@onymous/identity/event/EventDecoder"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as DueClock from "../src/DueClock.ts"
import { Projector } from "../src/Projector.ts"

const minute = 60_000

/** A clock that differs from the machine's by so many milliseconds. */
const skewed = (difference: number): Clock.Clock => {
  const real = Clock.Clock.defaultValue()
  const millis = () => Date.now() + difference
  const nanos = () => BigInt(millis()) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration),
  }
}

/** A project with one event that waits, recorded at a time: due a minute later. */
const waitingSince = Effect.fnUntraced(function* (name: string, recordedAt: number) {
  const log = yield* EventLog
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: name, keyHash: "" })
  const uuid = randomUUID()
  const incoming = EventDecoder.decode({ event: "seen", distinct_id: "ann", uuid }, () => uuid)
  yield* log.append(project, [{ ...Result.getOrThrow(incoming), recordedAt }])
  yield* (yield* Projector).waitFor(project, Position(1), 300)
  expect((yield* (yield* PersonStore).waiting).get(project)).toBe(1)
  const [waiting] = yield* (yield* Persons).waiting({ project, limit: 1 })
  return { project, dueAt: waiting?.dueAt ?? Number.NaN }
})

/** Runs the clock until it has looked this many times. */
const look = Effect.fnUntraced(function* (times: number) {
  const looks = yield* Queue.unbounded<void>()
  const store = yield* PersonStore
  const overdue = Effect.tap(store.overdue, () => Queue.offer(looks, undefined))
  yield* DueClock.run.pipe(
    Effect.provideService(PersonStore, PersonStore.of({ ...store, overdue })),
    Effect.forkScoped,
  )
  // The ticks of a look are in the log when the next look begins: wait for one look more.
  for (let count = 0; count <= times; count++) yield* Queue.take(looks)
}, Effect.scoped)

const ticksOf = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const events = yield* log.read({ project, after: zero, limit: 100 })
  return events.filter(({ event }) => event._tag === "Ticked")
})

/** Checks the ticks of a clock five minutes ahead of the log's, also where a clock has ticked too early before. */
const ahead = Effect.gen(function* () {
  const log = yield* EventLog
  const now = Date.now()
  const soon = yield* waitingSince("due soon", now)
  const past = yield* waitingSince("due", now - 60 * minute)
  const early = yield* waitingSince("ticked too early", now - 60 * minute)
  const namespace = Uuid.namespace("0b3f6a52-8d0e-4a53-9a3a-2c6a1f0e7d41")
  const uuid = Uuid.v5(`${early.project}:${early.dueAt}`, namespace)
  const tick = { event: { _tag: "Ticked" as const, uuid }, payload: "{}" }
  yield* log.append(early.project, [{ ...tick, recordedAt: early.dueAt - 1 }])
  yield* look(2)
  expect(yield* ticksOf(soon.project), "the log's time cannot reach it").toEqual([])
  expect(yield* ticksOf(early.project)).toHaveLength(2)
  const ticks = yield* ticksOf(past.project)
  expect(ticks).toHaveLength(1)
  expect(ticks[0]?.recordedAt, "the log's time goes on as it is").toBeLessThanOrEqual(Date.now())
})

const behind = Effect.gen(function* () {
  const { project, dueAt } = yield* waitingSince("due, for the database", Date.now() - 2 * minute)
  yield* look(2)
  const ticks = yield* ticksOf(project)
  expect(ticks).toHaveLength(1)
  expect(ticks[0]?.recordedAt).toBeGreaterThanOrEqual(dueAt)
})

type Services<E> = Layer.Layer<EventLog | ReadModel | Projector, E>

/** What holds of ticks wherever the log lies. */
export const suite = <E>(name: string, layer: Services<E>): void => {
  describe(`ticks on ${name}`, () => {
    it.live("a clock that is ahead of the log's ticks once, when the log's is there", () =>
      ahead.pipe(Effect.provide(layer), Effect.provideService(Clock.Clock, skewed(5 * minute))),
    )
  })
}

/** What holds of ticks where the log has a clock of its own. */
export const databaseSuite = <E>(name: string, layer: Services<E>): void => {
  suite(name, layer)
  it.live(`a clock that is behind that of ${name} ticks when the database's is there`, () =>
    behind.pipe(Effect.provide(layer), Effect.provideService(Clock.Clock, skewed(-120 * minute))),
  )
}
