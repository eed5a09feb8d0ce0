import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Deferred, Effect, Fiber, type Layer, Option, Stream } from "effect"
import * as Identity from "@onymous/identity/Identity"
import { Position, zero } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import { fromChanges } from "../src/PageRows.ts"
import { Persons } from "../src/Persons.ts"
import { Projector } from "../src/Projector.ts"
import { rebuild } from "../src/Rebuild.ts"
import { simpleEvents, wantedBy } from "./randomEvents.ts"

const filled = Effect.fnUntraced(function* (name: string, length: number) {
  const log = yield* EventLog
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: `token of ${name}`, keyHash: "" })
  const events = simpleEvents(1, length)
  if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
  return project
})

const hashOf = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  const log = yield* EventLog
  const whole = Identity.empty(project)
  Identity.fold(whole, yield* log.read({ project, after: zero, limit: position }))
  return StateHash.toText(whole.stateHash)
})

/** What a rebuild promises on every log and read model, whatever else goes on. */
export const suite = <E>(
  name: string,
  layer: Layer.Layer<EventLog | Persons | Projector, E>,
): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`Rebuild on ${name}`, (it) => {
    it.effect("persons that were derived from another log, and further, are replaced", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const { rebuild } = yield* Projector
        const project = yield* filled("wound back", 300)
        const other = yield* persons.claim(project, "22222222-2222-4222-8222-222222222222")
        const slice = yield* persons.load(other, wantedBy([], []))
        const to = { ...other, position: Position(7000), lastUuid: other.logId }
        yield* persons.commit({ from: other, to, rows: fromChanges(slice, []) })
        const last = yield* Stream.runLast(rebuild(project))
        expect(Option.getOrUndefined(last)).toMatchObject({
          position: 300,
          outcome: { isPublished: true },
        })
        const { logId } = yield* (yield* EventLog).head(project)
        expect(yield* persons.checkpoint(project)).toMatchObject({ position: 300, logId })
      }),
    )

    it.effect("it ends, and tells the truth, while events come without a pause", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const projector = yield* Projector
        const project = yield* filled("busy", 1500)
        yield* projector.wake(project)
        yield* projector.reached(project, Position(1500), 30)
        const more = simpleEvents(1, 30_000).slice(1500)
        const coming = Effect.forEach(more, (event) =>
          Effect.andThen(log.append(project, [event]), projector.wake(project)),
        )
        const appending = yield* Effect.forkScoped(coming)
        const last = yield* Stream.runLast(projector.rebuild(project))
        expect(appending.pollUnsafe(), "it does not wait for the end of the events").toBeUndefined()
        yield* Fiber.interrupt(appending)
        expect(Option.getOrUndefined(last)?.outcome).toMatchObject({
          isPublished: true,
          comparison: { isSame: true },
        })
        const { position } = yield* log.head(project)
        const { position: at, stateHash } = yield* projector.reached(project, position, 30)
        expect(stateHash).toBe(yield* hashOf(project, at))
      }),
    )

    it.effect("how it differs is told before it takes the place of what is live", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const projector = yield* Projector
        const project = yield* filled("compared", 300)
        yield* projector.wake(project)
        const before = yield* projector.reached(project, Position(300), 30)
        const seen: Array<unknown> = []
        yield* Stream.runForEach(projector.rebuild(project), ({ comparison, outcome }) =>
          Effect.gen(function* () {
            if (comparison === undefined) return
            const isOld = (yield* persons.checkpoint(project))?.edition === before.edition
            seen.push({ isOld, isDone: outcome !== undefined, ...comparison })
          }),
        )
        const same = { position: 300, isSame: true, persons: [] }
        expect(seen).toEqual([
          { isOld: true, isDone: false, ...same },
          { isOld: false, isDone: true, ...same },
        ])
      }),
    )

    it.effect("interrupted, it leaves what it made only where that is asked for", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const log = yield* EventLog
        const project = yield* filled("stopped", 6000)
        const { logId } = yield* log.head(project)
        const leftBy = Effect.fnUntraced(function* (keepsMade: boolean) {
          const isOnItsWay = yield* Deferred.make<void>()
          const stopped = Stream.runForEach(rebuild(project, { keepsMade }), ({ position }) =>
            position > 0
              ? Effect.andThen(Deferred.succeed(isOnItsWay, undefined), Effect.never)
              : Effect.void,
          )
          const running = yield* Effect.forkScoped(stopped)
          yield* Deferred.await(isOnItsWay)
          yield* Fiber.interrupt(running)
          return (yield* persons.claimEdition(project, logId)).position
        })
        expect(yield* leftBy(true)).toBeGreaterThan(0)
        expect(yield* leftBy(false)).toBe(0)
      }),
    )

    it.effect("where nothing is derived, the log that is claimed for counts from then on", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const project = ProjectId("claimed twice")
        const [first, second] = [
          "33333333-3333-4333-8333-333333333333",
          "44444444-4444-4444-8444-444444444444",
        ]
        yield* persons.claim(project, first)
        yield* persons.claim(project, second)
        expect(yield* persons.checkpoint(project)).toMatchObject({ logId: second })
      }),
    )
  })
}
