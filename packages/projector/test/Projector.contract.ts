import type { ReadModel } from "@onymous/persons/ReadModel"
import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, type Layer } from "effect"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { projectPage } from "../src/page/ProjectPage.ts"
import { Projector } from "../src/Projector.ts"
import { stepsOf } from "./rebuildSteps.ts"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import { fromChanges } from "@onymous/persons/rows/RowBuilder"
import { randomEvents, wantedBy } from "@onymous/simulator/random/FewIds"

const waitSeconds = 300

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
  layer: Layer.Layer<EventLog | ReadModel | Projector, E>,
): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`Projector on ${name}`, (it) => {
    it.effect("a backlog from before it ran is caught up, and what comes after is followed", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const log = yield* EventLog
        const project = yield* filled("backlog", 1, 4500)
        const running = yield* Effect.forkScoped(projector.run)
        const caughtUp = yield* projector.waitFor(project, Position(4500), waitSeconds)
        expect(caughtUp.stateHash).toBe(yield* hashOf(project, caughtUp.position))
        const longer = randomEvents(1, 4501)
        if (!Arr.isReadonlyArrayNonEmpty(longer)) return
        const { position, added } = yield* log.append(project, longer)
        expect(added).toBe(1)
        const followed = yield* projector.waitFor(project, position, waitSeconds)
        expect(followed.stateHash).toBe(yield* hashOf(project, followed.position))
        yield* Fiber.interrupt(running)
      }),
    )

    it.effect("a rebuild ends with the same rows and the same hash, and tells how far it is", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const persons = yield* Persons
        const editions = yield* Editions
        const project = yield* filled("rebuilt", 3, 5000)
        const before = yield* projector.waitFor(project, Position(5000), waitSeconds)
        const rows = yield* editions.dump(project)
        const steps = yield* stepsOf((tell) => projector.rebuild(project, {}, tell))
        const last = steps.at(-1)
        expect(last).toMatchObject({ position: 5000, head: 5000 })
        expect(last?.outcome).toEqual({
          position: 5000,
          stateHash: before.stateHash,
          comparison: { position: 5000, isSame: true, persons: [] },
          isPublished: true,
        })
        const after = yield* persons.checkpoint(project)
        expect(after?.stateHash).toBe(before.stateHash)
        expect(yield* editions.dump(project)).toBe(rows)
      }),
    )

    it.effect("a rebuild that only verifies changes nothing, and leaves nothing", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const persons = yield* Persons
        const editions = yield* Editions
        const project = yield* filled("verified", 5, 3000)
        const before = yield* projector.waitFor(project, Position(3000), waitSeconds)
        const verified = yield* projector.rebuild(project, { verifyOnly: true })
        expect(verified).toMatchObject({
          comparison: { isSame: true },
          isPublished: false,
        })
        expect(yield* persons.checkpoint(project)).toEqual(before)
        expect(yield* editions.making(project)).toBeUndefined()
      }),
    )

    it.effect(
      "a rebuild goes on where one was killed, and the projector follows what it made",
      () =>
        Effect.gen(function* () {
          const projector = yield* Projector
          const editions = yield* Editions
          const log = yield* EventLog
          const project = yield* filled("resumed", 6, 5000)
          const before = yield* projector.waitFor(project, Position(5000), waitSeconds)
          // A killed process leaves an edition in the making, without an owner.
          const { logId } = yield* log.head(project)
          const begun = yield* editions.claim(project, logId)
          const made = yield* projectPage(yield* editions.seal(begun))
          expect(made.position).toBeGreaterThan(0)
          const steps = yield* stepsOf((tell) => projector.rebuild(project, {}, tell))
          expect(steps[0]?.position).toBeGreaterThan(made.position)
          expect(steps.at(-1)?.outcome?.stateHash).toBe(before.stateHash)
          const more = randomEvents(6, 5001)
          if (!Arr.isReadonlyArrayNonEmpty(more)) return
          const { position } = yield* log.append(project, more)
          const followed = yield* projector.waitFor(project, position, waitSeconds)
          expect(followed.stateHash).toBe(yield* hashOf(project, followed.position))
        }),
    )

    it.effect(
      "wherever a rebuild of a long log is killed, the next one ends with the same rows",
      () =>
        Effect.gen(function* () {
          const projector = yield* Projector
          const store = yield* PersonStore
          const editions = yield* Editions
          const log = yield* EventLog
          const project = yield* filled("killed", 8, 4000)
          const before = yield* projector.waitFor(project, Position(4000), waitSeconds)
          const rows = yield* editions.dump(project)
          const { logId } = yield* log.head(project)
          const events = yield* log.read({ project, after: zero, limit: 4000 })
          const until = [1, 700, 1999, 4000]
          for (const stop of [...until, ...until.toReversed()]) {
            const claimed = yield* editions.claim(project, logId, { isLong: true })
            const whole = new ProjectInMemory({ ...claimed, position: zero })
            for (let done = 0; done < stop;) {
              const page = Identity.pageOf(events.slice(done, Math.min(stop, done + 500)))
              whole.fold(page, undefined)
              done += page.length
              if (done % 2 === 0) yield* store.commit(whole.takeEnded())
            }
            yield* store.commit(whole.takeEnded())
            if (stop === 4000) yield* store.commit(WorkInTurns.atOnce(whole.finish()))
            const outcome = yield* projector.rebuild(project, { skipsHeartbeat: true })
            expect(outcome, `${stop}`).toMatchObject({
              stateHash: before.stateHash,
              comparison: { isSame: true },
            })
            expect(yield* editions.dump(project), `${stop}`).toBe(rows)
          }
        }),
    )

    it.effect("what a killed rebuild derived by other rules is not gone on with", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const store = yield* PersonStore
        const editions = yield* Editions
        const log = yield* EventLog
        const project = yield* filled("other rules", 9, 3000)
        const before = yield* projector.waitFor(project, Position(3000), waitSeconds)
        const { logId } = yield* log.head(project)
        const events = yield* log.read({ project, after: zero, limit: 1000 })
        const claimed = yield* editions.claim(project, logId, { isLong: true })
        const whole = new ProjectInMemory({ ...claimed, policy: Presets.posthog })
        whole.fold(Identity.pageOf(events), undefined)
        yield* store.commit(whole.takeEnded())
        const { stateHash } = yield* projector.rebuild(project, { skipsHeartbeat: true })
        expect(stateHash).toBe(before.stateHash)
      }),
    )

    it.effect("a project that counts in another log stands still, alone, until it is rebuilt", () =>
      Effect.gen(function* () {
        const store = yield* PersonStore
        const projector = yield* Projector
        const running = yield* Effect.forkScoped(projector.run)
        const project = ProjectId("moved")
        const other = yield* store.claim(project, "22222222-2222-4222-8222-222222222222")
        const slice = yield* store.load(other, wantedBy([], []))
        const rows = WorkInTurns.atOnce(fromChanges(slice, []))
        yield* store.commit({ from: other, to: { ...other, position: Position(7) }, rows })
        yield* filled("moved", 10, 50)
        const waits = projector.waitFor(project, Position(50), waitSeconds)
        const error = yield* Effect.flip(waits)
        expect(error).toMatchObject({ reason: { _tag: "Stopped", project } })
        expect(error.message).toContain("derived from another log")
        const beside = yield* filled("beside a standstill", 11, 50)
        const reached = yield* projector.waitFor(beside, Position(50), waitSeconds)
        expect(reached.position).toBeGreaterThanOrEqual(50)
        expect(running.pollUnsafe()).toBeUndefined()
        yield* projector.rebuild(project)
        const mended = yield* waits
        expect(mended.stateHash).toBe(yield* hashOf(project, mended.position))
        yield* Fiber.interrupt(running)
      }),
    )

    it.effect("who waits for a position that does not come is told where the persons are", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const project = yield* filled("waiting", 4, 10)
        yield* projector.waitFor(project, Position(10), waitSeconds)
        const error = yield* Effect.flip(projector.waitFor(project, Position(11), 0.1))
        expect(error).toMatchObject({ _tag: "NotReached", position: 11, checkpoint: 10 })
      }),
    )
  })
}
