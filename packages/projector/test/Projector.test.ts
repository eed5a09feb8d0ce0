import { expect, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { fromChanges } from "../src/PageRows.ts"
import { Persons } from "../src/Persons.ts"
import { Projector } from "../src/Projector.ts"
import { inMemory, projectorOn } from "./layers.ts"
import { suite as projectorSuite } from "./Projector.contract.ts"
import { suite as rebuildSuite } from "./Rebuild.contract.ts"
import { wantedBy } from "./randomEvents.ts"

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
