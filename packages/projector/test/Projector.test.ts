import { expect, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Layer, Logger } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { fromChanges } from "@onymous/persons/rows/RowBuilder"
import { PersonStore } from "@onymous/persons/PersonStore"
import { Projector } from "../src/Projector.ts"
import { inMemory, projectorOn } from "./personsLayers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"
import { longLogMin } from "../src/rebuild/Rebuild.ts"
import { simpleEvents, wantedBy } from "@onymous/simulator/random/FewIds"

projectorSuite("memory", inMemory)
projectorSuite("PGlite", projectorOn("memory"))
rebuildSuite("memory", inMemory)
rebuildSuite("PGlite", projectorOn("memory"))

it.live("a checkpoint that counts in another log is refused in words, and the end is heard", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const store = yield* PersonStore
    const projector = yield* Projector
    const project = ProjectId("moved")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const other = yield* store.claim(project, "22222222-2222-4222-8222-222222222222")
    const slice = yield* store.load(other, wantedBy([], []))
    yield* store.commit({
      from: other,
      to: { ...other, position: Position(7) },
      rows: fromChanges(slice, []),
    })
    const [event] = simpleEvents(1, 1)
    if (event === undefined) return yield* Effect.die("There is an event.")
    yield* log.append(project, [event])
    const exit = yield* Effect.exit(projector.run)
    expect(Exit.isFailure(exit) && Cause.pretty(exit.cause)).toContain("derived from another log")
  }).pipe(Effect.provide(inMemory)),
)

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
      const events = simpleEvents(1, longLogMin + 1)
      const [first, last] = [events.slice(0, -1), events.slice(-1)]
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
    // No time passes here, so that it does not look by itself.
    yield* projector.waitFor(project, yield* append(third), 60)
  }).pipe(Effect.provide(inMemory)),
)
