import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock, TestConsole } from "effect/testing"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { Editions } from "@onymous/persons/Editions"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { deriveProgress } from "../src/commands/serve/DeriveProgress.ts"

const [long, short] = [ProjectId("long"), ProjectId("short")]
const logId = "22222222-2222-4222-8222-222222222222"

/** How far the live edition of the long project is, and an edition in the making beside it. */
interface At {
  live: number
  made: number | undefined
}

/** A long log and a short one, whose persons are where a test says. */
const world = (at: At) => {
  const log = Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) => {
      const head = (project: ProjectId, position: number) => ({
        project,
        position: Position(position),
        recordedAt: 0,
        logId,
      })
      return EventLog.of({ ...log, heads: Effect.succeed([head(short, 10), head(long, 20_000)]) })
    }),
  ).pipe(Layer.provide(logMemory))
  const live = Layer.effect(
    Persons,
    Effect.gen(function* () {
      const persons = yield* Persons
      const claimed = yield* (yield* PersonStore).claim(long, logId)
      const checkpoint = (project: ProjectId) =>
        Effect.sync(() => ({ ...claimed, position: project === long ? Position(at.live) : zero }))
      return Persons.of({ ...persons, checkpoint })
    }),
  )
  const made = Layer.effect(
    Editions,
    Effect.gen(function* () {
      const claimed = yield* (yield* PersonStore).claim(long, logId)
      const making = () =>
        Effect.sync(() =>
          at.made === undefined
            ? undefined
            : { checkpoint: { ...claimed, position: Position(at.made) }, mark: "" },
        )
      return Editions.of({ ...(yield* Editions), making })
    }),
  )
  return Layer.mergeAll(log, live, made).pipe(Layer.provide(personsMemory))
}

const told = Effect.map(TestConsole.errorLines, (lines) => lines.map(String))

it.effect(
  "a start tells of long logs alone how far their persons are, each ten seconds, to the end",
  () => {
    const at: At = { live: 0, made: 5000 }
    return Effect.gen(function* () {
      const telling = yield* Effect.forkChild(deriveProgress)
      yield* TestClock.adjust("9 seconds")
      expect(yield* told).toEqual([
        "Project long: deriving the persons of 20000 events …",
        expect.stringMatching(/^Project long: \[##\.{6}\] 25 % {2}deriving 5,000\/20,000 events/),
      ])
      at.live = 15_000
      at.made = undefined
      yield* TestClock.adjust("1 second")
      expect((yield* told).at(-1)).toMatch(/75 % {2}deriving 15,000\/20,000 events/)
      at.live = 20_001
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(telling)
    }).pipe(Effect.provide(world(at)))
  },
)

it.effect("a project that stands still is not looked at for ever", () =>
  Effect.gen(function* () {
    const telling = yield* Effect.forkChild(deriveProgress)
    yield* TestClock.adjust("2 minutes")
    yield* Fiber.join(telling)
    expect((yield* told).at(-1)).toBe("Project long: its persons have not moved for 60 s.")
  }).pipe(Effect.provide(world({ live: 7, made: undefined }))),
)

it.effect("a start that has nothing to derive says nothing", () =>
  Effect.gen(function* () {
    yield* deriveProgress
    expect(yield* told).toEqual([])
  }).pipe(Effect.provide(world({ live: 19_999, made: undefined }))),
)
