import type { ReadModel } from "@onymous/persons/ReadModel"
import { expect, layer as withLayer } from "@effect/vitest"
import { Array as Arr, Deferred, Duration, Effect, Exit, Fiber, type Layer } from "effect"
import { queryObjects } from "node:v8"
import { stopTimeLimit } from "@onymous/actor/ActorCell"
import type * as Event from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import { EventLog } from "@onymous/log/EventLog"
import type { Checkpoint } from "@onymous/persons/Checkpoint"
import { fromChanges } from "@onymous/persons/rows/RowBuilder"
import { Persons } from "@onymous/persons/Persons"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { Projector } from "../src/Projector.ts"
import { claim, projectPage } from "../src/page/ProjectPage.ts"
import { end, longLogMin, rebuild } from "../src/rebuild/Rebuild.ts"
import { VerificationProgress } from "../src/rebuild/RebuildVerification.ts"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { ProjectInMemory } from "@onymous/persons/rows/ProjectInMemory"
import { simpleEvents, wantedBy } from "@onymous/simulator/random/FewIds"

const filled = Effect.fnUntraced(function* (name: string, length: number) {
  const log = yield* EventLog
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: `token of ${name}`, keyHash: "" })
  const events = simpleEvents(1, length)
  if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
  return project
})

/** A projector that follows the log for as long as the test runs. */
const running = Effect.flatMap(Projector, ({ run }) => Effect.forkScoped(run))

/** A project whose persons have caught up. */
const followed = Effect.fnUntraced(function* (name: string, length: number) {
  const projector = yield* Projector
  const project = yield* filled(name, length)
  yield* projector.waitFor(project, Position(length), 30)
  return project
})

const hashOf = Effect.fnUntraced(function* (project: ProjectId, position: Position) {
  const log = yield* EventLog
  const whole = Identity.empty(project)
  Identity.fold(whole, yield* log.read({ project, after: zero, limit: position }))
  return StateHash.toText(whole.stateHash)
})

/** Verifies a project of 300 events, whose owner goes on by one event before each of the first `moves` comparisons. */
const verifiedBeside = Effect.fnUntraced(function* <E>(
  name: string,
  moves: number,
  goOn: (owner: Checkpoint) => Effect.Effect<Checkpoint, E, EventLog | ReadModel>,
) {
  const log = yield* EventLog
  const editions = yield* Editions
  const services = yield* Effect.context<EventLog | ReadModel>()
  const project = yield* followed(name, 300)
  const more = simpleEvents(1, 400).slice(300)
  const append = Effect.suspend(() => {
    const next = more.splice(0, 1)
    return Arr.isReadonlyArrayNonEmpty(next) ? log.append(project, next) : Effect.die("No more.")
  })
  let owner = yield* claim(project)
  let left = moves
  const move = Effect.gen(function* () {
    yield* append
    owner = yield* goOn(owner)
  })
  const beside = Editions.of({
    ...editions,
    compare: (candidate, options) =>
      Effect.suspend(() => (left-- > 0 ? Effect.orDie(move) : Effect.void)).pipe(
        Effect.provideContext(services),
        Effect.andThen(editions.compare(candidate, options)),
      ),
  })
  const verified = yield* Effect.provideService(
    rebuild(project, { verifyOnly: true }),
    Editions,
    beside,
  )
  return { project, owner, verified, append }
})

/** What a rebuild promises on every log and read model, whatever else goes on. */
export const suite = <E>(
  name: string,
  layer: Layer.Layer<EventLog | ReadModel | Projector, E>,
): void => {
  const options = { timeout: "60 seconds", excludeTestServices: true } as const
  withLayer(layer, options)(`Rebuild on ${name}`, (it) => {
    it.effect("persons that were derived from another log, and further, are replaced", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const store = yield* PersonStore
        const { rebuild } = yield* Projector
        const project = yield* filled("wound back", 300)
        const other = yield* store.claim(project, "22222222-2222-4222-8222-222222222222")
        const slice = yield* store.load(other, wantedBy([], []))
        const to = { ...other, position: Position(7000), lastUuid: other.logId }
        yield* store.commit({ from: other, to, rows: WorkInTurns.atOnce(fromChanges(slice, [])) })
        expect(yield* rebuild(project)).toMatchObject({ position: 300, isPublished: true })
        const { logId } = yield* (yield* EventLog).head(project)
        expect(yield* persons.checkpoint(project)).toMatchObject({ position: 300, logId })
      }),
    )

    it.effect("it ends, and tells the truth, while events come without a pause", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const projector = yield* Projector
        const project = yield* filled("busy", 1500)
        yield* projector.waitFor(project, Position(1500), 30)
        const more = simpleEvents(1, 30_000).slice(1500)
        yield* running
        const coming = Effect.forEach(more, (event) => log.append(project, [event]))
        const appending = yield* Effect.forkScoped(coming)
        let compared = Number.NaN
        const outcome = yield* projector.rebuild(project, {}, (step) =>
          Effect.sync(() => {
            if (step.comparison && step.outcome === undefined) compared = performance.now()
          }),
        )
        const ms = performance.now() - compared
        expect(ms, "it does not wait for the projector, which is at work").toBeLessThan(
          Duration.toMillis(stopTimeLimit),
        )
        expect(appending.pollUnsafe(), "it does not wait for the end of the events").toBeUndefined()
        yield* Fiber.interrupt(appending)
        expect(outcome).toMatchObject({ isPublished: true, comparison: { isSame: true } })
        const { position } = yield* log.head(project)
        const { position: at, stateHash } = yield* projector.waitFor(project, position, 30)
        expect(stateHash).toBe(yield* hashOf(project, at))
      }),
    )

    it.effect("it finds no difference where there is none, while what is live goes on", () =>
      Effect.gen(function* () {
        const log = yield* EventLog
        const projector = yield* Projector
        const project = yield* followed("verified while busy", 1500)
        yield* running
        const coming = Effect.forEach(simpleEvents(1, 30_000).slice(1500), (event) =>
          log.append(project, [event]),
        )
        const appending = yield* Effect.forkScoped(coming)
        for (let round = 0; round < 5; round++) {
          const { comparison } = yield* projector.rebuild(project, { verifyOnly: true })
          expect(comparison).toMatchObject({ isSame: true, persons: [], tables: [] })
        }
        yield* Fiber.interrupt(appending)
      }),
    )

    it.effect(
      "it compares all rows however often what is live moves, also while that is held",
      () =>
        Effect.gen(function* () {
          const { project, verified } = yield* verifiedBeside("never at rest", 25, (before) =>
            Effect.andThen(claim(before.project), (owner) => projectPage(owner)),
          )
          expect(verified).toMatchObject({
            comparison: { position: 325, isSame: true, tables: [] },
          })
          expect(yield* (yield* Editions).making(project)).toBeUndefined()
        }),
    )

    it.effect("what it held goes on with whoever had it", () =>
      Effect.gen(function* () {
        const { project, owner, verified, append } = yield* verifiedBeside("held", 20, (before) =>
          projectPage(before),
        )
        expect(verified).toMatchObject({ comparison: { position: 320, isSame: true, tables: [] } })
        yield* append
        expect(yield* projectPage(owner)).toMatchObject({ project, position: 321 })
      }),
    )

    it.effect("how it differs is told before it takes the place of what is live", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const projector = yield* Projector
        const project = yield* filled("compared", 300)
        const before = yield* projector.waitFor(project, Position(300), 30)
        const seen: Array<unknown> = []
        yield* projector.rebuild(project, {}, ({ comparison, outcome }) =>
          Effect.gen(function* () {
            if (comparison === undefined) return
            const live = yield* Effect.orDie(persons.checkpoint(project))
            const isOld = live?.edition === before.edition
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

    it.effect("whoever takes what is live over meanwhile has it begin to hold that again", () =>
      Effect.gen(function* () {
        const store = yield* PersonStore
        const project = yield* followed("moved", 300)
        const { logId } = yield* (yield* EventLog).head(project)
        const told: Array<boolean> = []
        yield* rebuild(project, {}, ({ comparison, outcome }) =>
          Effect.gen(function* () {
            if (comparison === undefined) return
            told.push(outcome !== undefined)
            if (told.length === 1) yield* Effect.orDie(store.claim(project, logId))
          }),
        )
        expect(told).toEqual([false, false, true])
      }),
    )

    it.effect(
      "what is far behind is compared where it is, and replaced by what is at the head",
      () =>
        Effect.gen(function* () {
          const persons = yield* Persons
          const length = longLogMin + 1000
          const project = yield* filled("far behind", length)
          const live = yield* projectPage(yield* claim(project), { until: Position(700) })
          expect(live.position).toBe(700)
          expect(yield* rebuild(project)).toMatchObject({
            position: length,
            isPublished: true,
            comparison: { position: 700, isSame: true },
          })
          expect(yield* persons.checkpoint(project)).toMatchObject({ position: length })
        }),
    )

    it.effect("where nothing is there, that is not the same", () =>
      Effect.gen(function* () {
        const project = yield* filled("nothing there", 30)
        const { comparison } = yield* rebuild(project, { verifyOnly: true })
        expect(comparison).toEqual({
          position: 0,
          isSame: false,
          persons: [],
          tables: [{ table: "checkpoints", position: 0, reason: "nothing is live" }],
        })
      }),
    )

    it.effect("each phase is told where it begins, in order", () =>
      Effect.gen(function* () {
        const projector = yield* Projector
        const project = yield* followed("phases", 300)
        const phasesOf = Effect.fnUntraced(function* (verifyOnly: boolean) {
          const phases: Array<string> = []
          yield* projector.rebuild(project, { verifyOnly }, ({ phase, comparison, outcome }) =>
            Effect.sync(() => {
              const isBegun = comparison === undefined && outcome === undefined
              if (isBegun && phases.at(-1) !== phase) phases.push(phase)
            }),
          )
          return phases
        })
        const compared = ["deriving", "indexing", "comparing"]
        expect(yield* phasesOf(false)).toEqual([...compared, "publishing"])
        expect(yield* phasesOf(true)).toEqual(compared)
        const verifying: Array<string> = []
        yield* Effect.provideService(projector.verify(project), VerificationProgress, (step) =>
          Effect.sync(() => void verifying.push(step.phase)),
        )
        expect([...new Set(verifying)].slice(0, 3)).toEqual(compared)
      }),
    )

    it.effect("one that dies of who is told its steps leaves nothing", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const project = yield* filled("thrown", 300)
        const thrown = rebuild(project, {}, () => Effect.die("no ears"))
        expect(Exit.isFailure(yield* Effect.exit(thrown))).toBe(true)
        expect(yield* editions.making(project)).toBeUndefined()
      }),
    )

    it.effect("while one is on its way, another one is refused", () =>
      Effect.gen(function* () {
        const project = yield* filled("made", 3000)
        const isOnItsWay = yield* Deferred.make<void>()
        const first = rebuild(project, {}, () =>
          Effect.andThen(Deferred.succeed(isOnItsWay, undefined), Effect.never),
        )
        const running = yield* Effect.forkScoped(first)
        yield* Deferred.await(isOnItsWay)
        const error = yield* Effect.flip(rebuild(project))
        expect(error).toMatchObject({ reason: { _tag: "BeingMade", project } })
        const second = yield* Effect.forkScoped(rebuild(project))
        yield* Fiber.interrupt(running)
        yield* Fiber.join(second)
        yield* rebuild(project)
      }),
    )

    it.effect("one that is ended fails where it writes next, and leaves what is live", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const project = yield* followed("ended", 3000)
        const [isOnItsWay, isEnded] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
        expect(yield* end(project)).toBe(false)
        const running = yield* Effect.forkScoped(
          rebuild(project, {}, () =>
            Effect.andThen(Deferred.succeed(isOnItsWay, undefined), Deferred.await(isEnded)),
          ),
        )
        yield* Deferred.await(isOnItsWay)
        expect(yield* end(project)).toBe(true)
        yield* Deferred.succeed(isEnded, undefined)
        expect(yield* Effect.flip(Fiber.join(running))).toMatchObject({
          reason: { _tag: "Ended", project },
        })
        expect(yield* editions.making(project)).toBeUndefined()
        expect((yield* (yield* Persons).checkpoint(project))?.position).toBe(3000)
        expect(yield* rebuild(project)).toMatchObject({ position: 3000, isPublished: true })
      }),
    )

    it.effect("what differs is found though what is live is further", () =>
      Effect.gen(function* () {
        const store = yield* PersonStore
        const editions = yield* Editions
        const log = yield* EventLog
        const project = yield* followed("further", 300)
        const { logId } = yield* log.head(project)
        const madeOf = Effect.fnUntraced(function* (events: ReadonlyArray<Event.Recorded>) {
          const claimed = yield* editions.claim(project, logId, { isLong: true })
          const whole = new ProjectInMemory(claimed)
          whole.fold(events, undefined)
          yield* store.commit(WorkInTurns.atOnce(whole.finish()))
          const made = yield* editions.seal(whole.to)
          const comparison = yield* editions.compare(made)
          yield* editions.discard(made)
          return comparison
        })
        const events = yield* log.read({ project, after: zero, limit: 200 })
        expect(yield* madeOf(events)).toEqual({ position: 200, isSame: true, persons: [] })
        const other = yield* madeOf(events.map((event) => ({ ...event, recordedAt: 0 })))
        expect(other).toMatchObject({ position: 200, isSame: false })
        expect(other.persons.length).toBeGreaterThan(0)
      }),
    )

    it.effect("two who make it ready at once do, whoever is first", () =>
      Effect.gen(function* () {
        const store = yield* PersonStore
        const editions = yield* Editions
        const project = yield* filled("sealed", 1)
        const { logId } = yield* (yield* EventLog).head(project)
        const whole = new ProjectInMemory(yield* editions.claim(project, logId, { isLong: true }))
        yield* store.commit(WorkInTurns.atOnce(whole.finish()))
        const ready = yield* Effect.all([editions.seal(whole.to), editions.seal(whole.to)], {
          concurrency: 2,
        })
        expect(ready.map(({ stage }) => stage)).toEqual(["ready", "ready"])
        yield* editions.discard(whole.to)
      }),
    )

    it.effect("what does not fit into memory is derived by pages, and leaves the memory", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const project = yield* followed("small memory", 6000)
        const rows = yield* editions.dump(project)
        const held: Array<number> = []
        yield* rebuild(project, { memoryMax: 1 }, ({ position }) =>
          Effect.sync(() => {
            if (position > 2500) held.push(queryObjects(ProjectInMemory, { format: "count" }))
          }),
        )
        expect(yield* editions.dump(project)).toBe(rows)
        expect(held.length).toBeGreaterThan(0)
        expect(Math.max(...held)).toBe(0)
      }),
    )

    it.effect("one that was killed is made anew by who has not the memory to go on with it", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const project = yield* followed("less memory", 13_000)
        const rows = yield* editions.dump(project)
        yield* Effect.exit(
          rebuild(project, { keepsEdition: true }, ({ position }) =>
            position >= 10_000 ? Effect.interrupt : Effect.void,
          ),
        )
        const left = yield* editions.making(project)
        expect(left?.checkpoint.position).toBeGreaterThan(0)
        const { isPublished } = yield* rebuild(project, { memoryMax: 1, skipsHeartbeat: true })
        expect(isPublished).toBe(true)
        expect(yield* editions.dump(project)).toBe(rows)
      }),
    )

    it.effect("interrupted, it leaves what it made only where that is asked for", () =>
      Effect.gen(function* () {
        const editions = yield* Editions
        const log = yield* EventLog
        const project = yield* filled("stopped", 13_000)
        const { logId } = yield* log.head(project)
        const leftBy = Effect.fnUntraced(function* (keepsEdition: boolean) {
          const isOnItsWay = yield* Deferred.make<void>()
          const stopped = rebuild(project, { keepsEdition }, ({ position }) =>
            position >= 10_000
              ? Effect.andThen(Deferred.succeed(isOnItsWay, undefined), Effect.never)
              : Effect.void,
          )
          const running = yield* Effect.forkScoped(stopped)
          yield* Deferred.await(isOnItsWay)
          yield* Fiber.interrupt(running)
          return (yield* editions.claim(project, logId)).position
        })
        expect(yield* leftBy(true)).toBeGreaterThan(0)
        expect(yield* leftBy(false)).toBe(0)
      }),
    )

    it.effect("where nothing is derived, the log that is claimed for counts from then on", () =>
      Effect.gen(function* () {
        const persons = yield* Persons
        const store = yield* PersonStore
        const project = ProjectId("claimed twice")
        const [first, second] = [
          "33333333-3333-4333-8333-333333333333",
          "44444444-4444-4444-8444-444444444444",
        ]
        yield* store.claim(project, first)
        yield* store.claim(project, second)
        expect(yield* persons.checkpoint(project)).toMatchObject({ logId: second })
      }),
    )
  })
}
