import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Deferred, Effect, Exit, Fiber, Latch, Schema, Scope } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { type Appended, EventLogError } from "../src/EventLog.ts"
import * as GroupCommit from "../src/GroupCommit.ts"
import { incoming } from "./EventLog.contract.ts"

const project = ProjectId("p")
const other = ProjectId("q")

type Events = Arr.NonEmptyReadonlyArray<Incoming>
type Append = Effect.Success<ReturnType<typeof GroupCommit.make>>

/** Commits as the log does, once the gate is open, and keeps the uuids of each commit. */
const gated = Effect.fnUntraced(function* (limits?: GroupCommit.Limits) {
  const gate = yield* Latch.make()
  const commits: Array<ReadonlyArray<string>> = []
  const uuids = new Set<string>()
  const commit = (_: ProjectId, events: Events) =>
    gate.whenOpen(
      Effect.sync((): GroupCommit.Committed => {
        commits.push(events.map(({ event }) => event.uuid))
        const places = events.map(({ event }) => {
          const isNew = !uuids.has(event.uuid)
          uuids.add(event.uuid)
          return { position: Position(uuids.size), isNew }
        })
        return { places, reused: new Set<number>() }
      }),
    )
  return { gate, commits, append: yield* GroupCommit.make(commit, limits) }
})

/** Starts an append at once, so that appends queue in the order in which a test names them. */
const started = (append: Append, ...numbers: Arr.NonEmptyArray<number>) =>
  Effect.forkChild(
    append(
      project,
      Arr.map(numbers, (number) => incoming(number)),
    ),
    { startImmediately: true },
  )

const reasonOf = (effect: Effect.Effect<Appended, EventLogError>) =>
  Effect.map(Effect.flip(effect), (error) => error.reason._tag)

const limits = { sizeMax: 1_000_000, requestsMax: 100, eventsPerCommit: 100 }

describe("GroupCommit", () => {
  it.effect("commits together what came meanwhile, and tells each caller its own", () =>
    Effect.gen(function* () {
      const { gate, commits, append } = yield* gated()
      const fibers = [
        yield* started(append, 1),
        yield* started(append, 2, 3),
        yield* started(append, 3, 4, 5),
        yield* started(append, 1),
      ]
      yield* gate.open
      const answers = yield* Effect.forEach(fibers, Fiber.join)
      expect(answers.map(({ added }) => added)).toEqual([1, 2, 2, 0])
      expect(answers.map(({ position }) => position)).toEqual([1, 3, 5, 5])
      expect(commits).toHaveLength(1)
    }),
  )

  it.effect("has one commit in flight, and none bigger than the limit allows", () =>
    Effect.gen(function* () {
      const arrived = yield* Deferred.make<void>()
      const gate = yield* Latch.make()
      const sizes: Array<number> = []
      const append = yield* GroupCommit.make(
        Effect.fnUntraced(function* (_: ProjectId, events: Events) {
          sizes.push(events.length)
          yield* Deferred.succeed(arrived, undefined)
          yield* gate.await
          const places = events.map(() => ({ position: Position(1), isNew: false }))
          return { places, reused: new Set<number>() }
        }),
        { ...limits, eventsPerCommit: 3 },
      )
      const fibers = [yield* started(append, 1)]
      yield* Deferred.await(arrived)
      for (const number of [2, 3, 4, 5]) fibers.push(yield* started(append, number))
      fibers.push(yield* started(append, 6, 7, 8, 9, 10))
      expect(sizes).toEqual([1])
      yield* gate.open
      yield* Effect.forEach(fibers, Fiber.join)
      expect(sizes).toEqual([1, 3, 1, 5])
    }),
  )

  it.effect("refuses what is more than may wait, and takes it again when there is room", () =>
    Effect.gen(function* () {
      const { gate, append } = yield* gated({ ...limits, requestsMax: 2 })
      const fibers = [yield* started(append, 1), yield* started(append, 2)]
      expect(yield* reasonOf(append(project, [incoming(3)]))).toBe("Overloaded")
      yield* gate.open
      yield* Effect.forEach(fibers, Fiber.join)
      expect(yield* append(project, [incoming(3)])).toMatchObject({
        position: 3,
        added: 1,
        reused: 0,
      })
    }),
  )

  it.effect("counts the payloads that wait, for each project by itself", () =>
    Effect.gen(function* () {
      const size = incoming(1).payload.length
      const { gate, append } = yield* gated({ ...limits, sizeMax: size + 1 })
      const fiber = yield* started(append, 1)
      expect(yield* reasonOf(append(project, [incoming(2)]))).toBe("Overloaded")
      const apart = yield* Effect.forkChild(append(other, [incoming(2), incoming(3)]))
      yield* gate.open
      expect((yield* Fiber.join(fiber)).added).toBe(1)
      expect((yield* Fiber.join(apart)).added).toBe(2)
    }),
  )

  it.effect("one caller's interruption changes nothing for the others", () =>
    Effect.gen(function* () {
      const { gate, append } = yield* gated()
      const fibers = [
        yield* started(append, 1),
        yield* started(append, 2),
        yield* started(append, 3),
      ] as const
      yield* Fiber.interrupt(fibers[0])
      yield* Fiber.interrupt(fibers[1])
      yield* gate.open
      expect((yield* Fiber.join(fibers[2])).added).toBe(1)
      expect((yield* append(project, [incoming(4)])).added).toBe(1)
    }),
  )

  it.effect("a commit that fails or dies is told to all its callers, and only to them", () =>
    Effect.gen(function* () {
      const error = new EventLogError({ reason: { _tag: "Unavailable", cause: "a test" } })
      const outcomes = [Effect.fail(error), Effect.die("a defect")]
      const append = yield* GroupCommit.make(() =>
        Effect.suspend(
          () =>
            outcomes.shift() ??
            Effect.succeed({
              places: [{ position: Position(1), isNew: true }],
              reused: new Set<number>(),
            }),
        ),
      )
      const failed = [yield* started(append, 1), yield* started(append, 2)]
      for (const fiber of failed) expect(yield* reasonOf(Fiber.join(fiber))).toBe("Unavailable")
      expect(Exit.hasDies(yield* Effect.exit(append(project, [incoming(1)])))).toBe(true)
      expect((yield* append(project, [incoming(1)])).added).toBe(1)
    }),
  )

  it.effect("a commit with an event that cannot be stored fails that event's caller alone", () =>
    Effect.gen(function* () {
      const commits: Array<number> = []
      const gate = yield* Latch.make()
      const append = yield* GroupCommit.make((_: ProjectId, events: Events) =>
        gate.whenOpen(
          Effect.suspend(() => {
            commits.push(events.length)
            const index = events.findIndex(({ event }) => event.uuid === incoming(5).event.uuid)
            const reason = { _tag: "Unstorable", index, uuid: "", cause: "a test" } as const
            return index === -1
              ? Effect.succeed({
                  places: events.map((_, at) => ({ position: Position(at + 1), isNew: true })),
                  reused: new Set<number>(),
                })
              : Effect.fail(new EventLogError({ reason }))
          }),
        ),
      )
      const fibers = [
        yield* started(append, 1),
        yield* started(append, 2, 3),
        yield* started(append, 4, 5, 6),
        yield* started(append, 7),
      ] as const
      yield* gate.open
      const refused = yield* Effect.flip(Fiber.join(fibers[2]))
      expect(refused.reason).toMatchObject({ _tag: "Unstorable", index: 1 })
      const others = [fibers[0], fibers[1], fibers[3]]
      const answers = yield* Effect.forEach(others, Fiber.join)
      expect(answers.map(({ added }) => added)).toEqual([1, 2, 1])
      expect(commits).toEqual([7, 4])
    }),
  )

  it.effect("nobody waits for ever on a log that closes", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const append = yield* GroupCommit.make(() => Effect.never).pipe(Scope.provide(scope))
      const waiting = [yield* started(append, 1), yield* started(append, 2)]
      yield* Effect.yieldNow
      waiting.push(yield* started(append, 3))
      yield* Scope.close(scope, Exit.void)
      for (const fiber of waiting) expect(yield* reasonOf(Fiber.join(fiber))).toBe("Unavailable")
      expect(yield* reasonOf(append(project, [incoming(4)]))).toBe("Unavailable")
    }),
  )

  const Batches = Schema.Array(Schema.NonEmptyArray(Schema.Literals([1, 2, 3, 4, 5, 6, 7, 8])))

  it.effect.prop(
    "whatever is appended at once: each event is added once, in the order given",
    [Batches],
    ([batches]) =>
      Effect.gen(function* () {
        const { gate, commits, append } = yield* gated({ ...limits, eventsPerCommit: 4 })
        const fibers = yield* Effect.forEach(batches, (numbers) => started(append, ...numbers))
        yield* gate.open
        const answers = yield* Effect.forEach(fibers, Fiber.join)
        const given = batches.flat()
        expect(answers.reduce((sum, { added }) => sum + added, 0)).toBe(new Set(given).size)
        expect(commits.flat()).toEqual(given.map((number) => incoming(number).event.uuid))
      }),
  )
})
