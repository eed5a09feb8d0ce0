import { PgClient } from "@effect/sql-pg"
import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Logger, Schedule } from "effect"
import { TestClock } from "effect/testing"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { Persons } from "@onymous/persons/Persons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { Projector } from "../src/Projector.ts"
import { inMemory, projectorOn, projectorWith } from "./personsLayers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"
import { longLogMin } from "../src/rebuild/Rebuild.ts"
import { simpleEvents } from "@onymous/simulator/random/FewIds"

/** Events, each with a uuid of its own. */
const events = simpleEvents(1, 605)

const append = Effect.fnUntraced(function* (project: ProjectId, events: ReadonlyArray<Incoming>) {
  if (!Arr.isReadonlyArrayNonEmpty(events)) return yield* Effect.die("There are events.")
  return yield* (yield* EventLog).append(project, events)
})

/** A project with some events, whose persons have caught up. */
const followed = Effect.fnUntraced(function* (name: string, length: number) {
  const project = ProjectId(name)
  yield* (yield* EventLog).createProject({ id: project, token: name, keyHash: "" })
  const { position } = yield* append(project, events.slice(0, length))
  yield* (yield* Projector).waitFor(project, position, 300)
  return project
})

const isStopped = ({ _tag }: { readonly _tag: string }) => _tag === "PersonsError"

/** How often a test looks whether the projector follows a project again. */
const schedule = Schedule.spaced("200 millis")

projectorSuite("memory", inMemory)
projectorSuite("PGlite", projectorOn("memory"))
rebuildSuite("memory", inMemory)
rebuildSuite("PGlite", projectorOn("memory"))

/** Winds the log of a project back to a position, as a restore of that table alone does. */
const windBack = Effect.fnUntraced(function* (project: ProjectId, position: number) {
  const sql = yield* PgClient.PgClient
  yield* sql`with gone as (
    delete from onymous.events where project_id = ${project} and position > ${position}
  ) update onymous.projects set position = ${position} where id = ${project}`
})

it.live("a log that is wound back while it is followed is told, also once it is longer again", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const projector = yield* Projector
    const stopped = Effect.fnUntraced(function* (project: ProjectId, position: number) {
      const error = yield* Effect.flip(projector.waitFor(project, Position(position), 300))
      expect(error).toMatchObject({ reason: { _tag: "Stopped" } })
      return error.message
    })
    for (const more of [0, 10, 209]) {
      const project = yield* followed(`wound back, and ${more} more`, 300)
      yield* windBack(project, 100)
      if (more > 0) yield* append(project, events.slice(300, 300 + more))
      const { position: head } = yield* log.head(project)
      expect(head).toBe(100 + more)
      const message = yield* stopped(project, 301)
      expect(message).toContain(`The log of project ${project} was wound back: at position 300`)
      expect(message).toContain('"onymous rebuild')
      expect((yield* persons.checkpoint(project))?.position).toBe(300)
      yield* projector.rebuild(project)
      yield* append(project, events.slice(600, 605))
      const { position } = yield* projector.waitFor(project, Position(head + 5), 300)
      expect(position).toBe(head + 5)
    }
  }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live(
  "a log that ends before its checkpoint has no lag, and its project stands still unasked",
  () =>
    Effect.gen(function* () {
      const projector = yield* Projector
      const project = yield* followed("behind its checkpoint", 100)
      const emptied = yield* followed("emptied", 100)
      expect(yield* projector.lag(project)).toMatchObject({ events: 0, seconds: 0 })
      yield* windBack(project, 40)
      yield* windBack(emptied, 0)
      for (const each of [project, emptied]) {
        const { events, seconds, stopped } = yield* projector.lag(each)
        expect([events, seconds]).toEqual([undefined, undefined])
        expect(stopped).toContain(`The log of project ${each} was wound back: at position 100`)
      }
      yield* Effect.forkScoped(projector.run)
      yield* Effect.repeat(projector.stopped, { until: (count) => count === 2, schedule })
      expect((yield* projector.lag(project)).stopped).toContain("are not kept up to date")
    }).pipe(Effect.provide(projectorOn("memory"))),
)

it.effect(
  "a lag is counted in events, and in the seconds that the first of them is in the log",
  () =>
    Effect.gen(function* () {
      const projector = yield* Projector
      // Nobody derives this project: no projector runs, and no reader waits.
      const project = ProjectId("lagging")
      yield* (yield* EventLog).createProject({ id: project, token: "lagging", keyHash: "" })
      yield* append(project, events.slice(0, 5))
      yield* TestClock.adjust("90 seconds")
      yield* append(project, events.slice(5, 20))
      const { head, checkpoint, ...lag } = yield* projector.lag(project)
      expect([head.position, checkpoint.position]).toEqual([20, 0])
      expect(lag).toEqual({ events: 20, seconds: 90, stopped: undefined, owner: undefined })
    }).pipe(Effect.provide(inMemory)),
)

it.live("a project is owned here until another process claims it, and after a rebuild again", () =>
  Effect.gen(function* () {
    const projector = yield* Projector
    const project = yield* followed("owned", 100)
    const owner = Effect.map(projector.lag(project), (lag) => lag.owner)
    expect(yield* owner).toBe("here")
    const { logId } = yield* (yield* EventLog).head(project)
    yield* (yield* PersonStore).claim(project, logId)
    expect(yield* owner).toBe("elsewhere")
    yield* projector.rebuild(project)
    const { position } = yield* append(project, events.slice(100, 110))
    yield* projector.waitFor(project, position, 300)
    expect(yield* owner).toBe("here")
  }).pipe(Effect.provide(inMemory)),
)

it.live(
  "events that are gone before the head are told by their positions, and followed once they are back",
  () =>
    Effect.gen(function* () {
      const sql = yield* PgClient.PgClient
      const projector = yield* Projector
      const project = yield* followed("gone", 100)
      yield* append(project, events.slice(100, 150))
      yield* sql`create table kept as select * from onymous.events where position > 120`
      yield* sql`delete from onymous.events where position > 120`
      const told = yield* Effect.flip(projector.waitFor(project, Position(150), 300))
      expect(told.message).toContain("lacks the events at positions 121 to 150")
      const rebuilt = yield* Effect.flip(projector.rebuild(project))
      expect(rebuilt.message).toContain("lacks the events at positions 121 to 150")
      yield* sql`insert into onymous.events select * from kept`
      const back = projector.waitFor(project, Position(150), 300)
      expect((yield* Effect.retry(back, { while: isStopped, schedule })).position).toBe(150)
    }).pipe(Effect.provide(projectorOn("memory"))),
)

it.live("a defect stops its project alone, is told once and in full, and is tried again", () => {
  const lines: Array<string> = []
  const heard = Logger.layer([Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))])
  const broken = new Set<ProjectId>()
  const store = Layer.effect(
    PersonStore,
    Effect.map(PersonStore, (sound) =>
      PersonStore.of({
        ...sound,
        commit: (page) =>
          broken.has(page.from.project) ? Effect.die(new Error("a bug")) : sound.commit(page),
      }),
    ),
  ).pipe(Layer.provideMerge(personsMemory))
  const layer = Layer.provideMerge(projectorWith(Layer.merge(logMemory, store)), heard)
  return Effect.gen(function* () {
    const projector = yield* Projector
    yield* Effect.forkScoped(projector.run)
    const project = yield* followed("broken", 10)
    broken.add(project)
    yield* append(project, events.slice(10, 20))
    const waits = projector.waitFor(project, Position(20), 300)
    const told = yield* Effect.flip(waits)
    expect(told.message).toContain("The persons of project broken are not kept up to date")
    expect(told.message, "what a defect says is for the log").not.toContain("a bug")
    yield* followed("sound", 10)
    for (let index = 0; index < 3; index++) yield* Effect.flip(waits)
    expect(lines.filter((line) => line.includes("a bug"))).toHaveLength(1)
    broken.clear()
    yield* Effect.retry(waits, { while: isStopped, schedule })
    expect(lines.join()).toContain("The persons of project broken are kept up to date again.")
  }).pipe(Effect.provide(layer))
})

it.live(
  "a projector with nothing to do goes on with what was rebuilt, not with what was swept",
  () => {
    const lines: Array<string> = []
    const heard = Logger.layer([Logger.map(Logger.formatLogFmt, (line) => void lines.push(line))])
    return Effect.gen(function* () {
      const log = yield* EventLog
      const projector = yield* Projector
      const project = ProjectId("swept")
      yield* log.createProject({ id: project, token: "t", keyHash: "" })
      const all = simpleEvents(1, longLogMin + 1)
      const [first, last] = [all.slice(0, -1), all.slice(-1)]
      for (const part of [first, last]) {
        if (!Arr.isReadonlyArrayNonEmpty(part)) return yield* Effect.die("There are events.")
        const { position } = yield* log.append(project, part)
        yield* projector.waitFor(project, position, 60)
        if (part === first) yield* projector.rebuild(project)
      }
      expect(lines).toEqual([])
    }).pipe(Effect.provide(Layer.provideMerge(projectorOn("memory"), heard)))
  },
)

it.effect("a projector that stands by hears of a rebuild at once, however rarely it looks", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const projector = yield* Projector
    const project = ProjectId("standing by")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const [first, second, third] = simpleEvents(1, 3)
    yield* Effect.forkScoped(projector.run)
    const append = Effect.fnUntraced(function* (event: Incoming | undefined) {
      if (event === undefined) return yield* Effect.die("There are three events.")
      return (yield* log.append(project, [event])).position
    })
    yield* projector.waitFor(project, yield* append(first), 60)
    // For as long as somebody waits, the projector waits for no more events.
    yield* Effect.forkScoped(projector.waitFor(project, Position(4), 60))
    yield* projector.rebuild(project, {}, ({ comparison, outcome }) =>
      Effect.gen(function* () {
        if (comparison === undefined || outcome !== undefined) return
        // The rebuild has fenced the live edition: the projector can't commit this one, and stands by.
        yield* Effect.orDie(append(second))
        yield* Effect.repeat(Effect.yieldNow, { times: 1000 })
      }),
    )
    // No time passes here, so the projector does not look by itself.
    yield* projector.waitFor(project, yield* append(third), 60)
  }).pipe(Effect.provide(inMemory)),
)
