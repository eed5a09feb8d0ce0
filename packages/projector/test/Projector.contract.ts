import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, type Layer, Stream } from "effect"
import * as Identity from "@onymous/identity/Identity"
import { Position, zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "../src/Persons.ts"
import { Projector } from "../src/Projector.ts"
import { randomEvents } from "./randomEvents.ts"

const waitSeconds = 30

const filled = Effect.fnUntraced(function* (name: string, seed: number, length: number) {
  const log = yield* EventLog
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: `token of ${name}`, keyHash: "" })
  const events = randomEvents(seed, length)
  if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
  return project
})

/** The hash of the log up to a position: the clock may have added a tick since. */
const hashOf = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  const log = yield* EventLog
  const whole = Identity.empty(project)
  Identity.fold(whole, yield* log.read({ project, after: zero, limit: position }))
  return StateHash.toText(whole.stateHash)
})

/** What the projector promises on every log and read model. */
export const suite = <E>(
  name: string,
  layer: Layer.Layer<EventLog | Persons | Projector, E>,
): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`Projector on ${name}`, (it) => {
    it.effect("a backlog from before it ran is caught up, and what comes after is followed", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const log = yield* EventLog
        const project = yield* filled("backlog", 1, 4500)
        const running = yield* Effect.forkScoped(projector.run)
        const caughtUp = yield* projector.reached(project, Position(4500), waitSeconds)
        expect(caughtUp.stateHash).toBe(yield* hashOf(project, caughtUp.position))
        const longer = randomEvents(1, 4501)
        if (!Arr.isReadonlyArrayNonEmpty(longer)) return
        const { position, added } = yield* log.append(project, longer)
        expect(added).toBe(1)
        const followed = yield* projector.reached(project, position, waitSeconds)
        expect(followed.stateHash).toBe(yield* hashOf(project, followed.position))
        yield* Fiber.interrupt(running)
      }),
    )

    it.effect("a rebuild ends with the same rows and the same hash, and tells how far it is", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const persons = yield* Persons
        const project = yield* filled("rebuilt", 3, 5000)
        yield* projector.wake(project)
        const before = yield* projector.reached(project, Position(5000), waitSeconds)
        const rows = yield* persons.dump(project)
        const progress = yield* Stream.runCollect(projector.rebuild(project))
        expect(progress.at(-1)).toEqual({ position: 5000, head: 5000 })
        const after = yield* persons.checkpoint(project)
        expect(after?.stateHash).toBe(before.stateHash)
        expect(yield* persons.dump(project)).toBe(rows)
      }),
    )

    it.effect("who waits for a position that does not come is told where the persons are", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const project = yield* filled("waiting", 4, 10)
        yield* projector.wake(project)
        yield* projector.reached(project, Position(10), waitSeconds)
        const error = yield* Effect.flip(projector.reached(project, Position(11), 0.1))
        expect(error).toMatchObject({ _tag: "NotReached", position: 11, checkpoint: 10 })
      }),
    )
  })
}
