import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, EventLogError } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import * as CaptureProjects from "../src/capture/CaptureProjects.ts"

const id = ProjectId("1")

/** Doors over a log that counts its look-ups of tokens; `createProject` makes the project. */
const setUp = Effect.gen(function* () {
  const log = yield* EventLog
  const lookUps = { count: 0, fail: false }
  const projectOf = (token: string) =>
    Effect.suspend(() => {
      lookUps.count++
      return lookUps.fail
        ? new EventLogError({ reason: { _tag: "Unavailable", cause: "a test" } })
        : log.projectOf(token)
    })
  const doors = yield* Effect.provideService(
    CaptureProjects.make,
    EventLog,
    EventLog.of({ ...log, projectOf }),
  )
  return { ...doors, lookUps, createProject: log.createProject({ id, token: "t", keyHash: "" }) }
})

const layer = Layer.merge(logMemory, personsMemory)

it.effect("a token is looked up once in two seconds", () =>
  Effect.gen(function* () {
    const { projectOf, lookUps, createProject } = yield* setUp
    yield* createProject
    const answers = Effect.all([projectOf("t"), projectOf("t"), projectOf("t")])
    expect(yield* answers).toEqual([id, id, id])
    yield* TestClock.adjust("1999 millis")
    yield* projectOf("t")
    expect(lookUps.count).toBe(1)
    yield* TestClock.adjust("1 millis")
    yield* projectOf("t")
    expect(lookUps.count).toBe(2)
  }).pipe(Effect.provide(layer)),
)

it.effect("a token that no project has is looked up once in a second, until one has it", () =>
  Effect.gen(function* () {
    const { projectOf, lookUps, createProject } = yield* setUp
    yield* Effect.forEach([1, 2, 3], () => projectOf("t"))
    expect(lookUps.count).toBe(1)
    yield* createProject
    yield* TestClock.adjust("999 millis")
    expect(yield* projectOf("t")).toBeUndefined()
    yield* TestClock.adjust("1 millis")
    expect(yield* projectOf("t")).toBe(id)
    expect(lookUps.count).toBe(2)
  }).pipe(Effect.provide(layer)),
)

it.effect("a long token and a failure are not kept", () =>
  Effect.gen(function* () {
    const { projectOf, lookUps } = yield* setUp
    const long = "t".repeat(201)
    expect(yield* Effect.all([projectOf(long), projectOf(long)])).toEqual([undefined, undefined])
    expect(lookUps.count).toBe(2)
    lookUps.fail = true
    expect((yield* Effect.flip(projectOf("t"))).reason._tag).toBe("Unavailable")
    lookUps.fail = false
    expect(yield* projectOf("t")).toBeUndefined()
  }).pipe(Effect.provide(layer)),
)

it.effect(
  "while its rules are locked, a project that was known keeps those of before; others wait",
  () =>
    Effect.gen(function* () {
      const persons = yield* Persons
      const locked = Persons.of({ ...persons, checkpoint: () => Effect.never })
      let isLocked = false
      const checkpoint = (project: ProjectId) =>
        Effect.suspend(() => (isLocked ? locked : persons).checkpoint(project))
      const { rulesOf } = yield* Effect.provideService(
        CaptureProjects.make,
        Persons,
        Persons.of({ ...persons, checkpoint }),
      )
      const before = yield* rulesOf(id)
      isLocked = true
      yield* TestClock.adjust("2 seconds")
      const known = yield* Effect.forkChild(rulesOf(id))
      const unknown = yield* Effect.forkChild(rulesOf(ProjectId("2")))
      yield* TestClock.adjust("1 second")
      expect(yield* Fiber.join(known)).toEqual(before)
      expect(unknown.pollUnsafe()).toBeUndefined()
      yield* Fiber.interrupt(unknown)
      // Without a look for long, another process may have changed the rules before the lock began.
      yield* TestClock.adjust("10 seconds")
      const stale = yield* Effect.forkChild(rulesOf(id))
      yield* TestClock.adjust("10 seconds")
      expect(stale.pollUnsafe()).toBeUndefined()
      yield* Fiber.interrupt(stale)
    }).pipe(Effect.provide(layer)),
)
