import { expect, it } from "@effect/vitest"
import { Array as Arr, Cause, Effect, Exit, Layer, Logger, Stream } from "effect"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { fromChanges } from "../src/PageRows.ts"
import { Persons } from "../src/Persons.ts"
import { Projector } from "../src/Projector.ts"
import { inMemory, projectorOn } from "./layers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"
import { longLogMin } from "../src/Rebuild.ts"
import { simpleEvents, wantedBy } from "./randomEvents.ts"

projectorSuite("memory", inMemory)
projectorSuite("PGlite", projectorOn("memory"))
rebuildSuite("memory", inMemory)
rebuildSuite("PGlite", projectorOn("memory"))

it.live("a checkpoint that counts in another log is refused in words, and the end is heard", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const persons = yield* Persons
    const projector = yield* Projector
    const project = ProjectId("moved")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const other = yield* persons.claim(project, "22222222-2222-4222-8222-222222222222")
    const slice = yield* persons.load(other, wantedBy([], []))
    yield* persons.commit({
      from: other,
      to: { ...other, position: Position(7) },
      rows: fromChanges(slice, []),
    })
    yield* projector.wake(project)
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
        if (!Arr.isReadonlyArrayNonEmpty(part)) return
        const { position } = yield* log.append(project, part)
        yield* projector.wake(project)
        yield* projector.reached(project, position, 60)
        if (part === first) yield* Stream.runDrain(projector.rebuild(project))
      }
      expect(lines).toEqual([])
    }).pipe(Effect.provide(Layer.provideMerge(projectorOn("memory"), heard)))
  },
)
