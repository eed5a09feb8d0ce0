import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"
import { layer, Onymous } from "onymous/effect"
import * as OnymousLayer from "../src/OnymousLayer.ts"
import { toEvent } from "../src/inputs/CaptureInputs.ts"

it.effect("a process that derives what it uses releases what waits there once it is due", () =>
  Effect.gen(function* () {
    const onymous = yield* Onymous
    yield* onymous.capture({ distinctId: "late", event: "e" })
    expect(yield* onymous.waiting()).toMatchObject([{ distinctId: "late" }])
    yield* TestClock.adjust("62 seconds")
    expect(yield* onymous.person("late", { minPosition: "head" })).toMatchObject({
      distinctIds: ["late"],
    })
  }).pipe(Effect.provide(layer({ database: "memory", projectors: "used" }))),
)

it.effect("it leaves alone what waits in the projects of other processes", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const projector = yield* Projector
    const [ours, others] = [ProjectId("ours"), ProjectId("others")]
    for (const project of [ours, others]) {
      yield* ensureProject(project)
      const { position } = yield* log.append(project, [toEvent({ distinctId: "a", event: "e" })])
      yield* projector.waitFor(project, position, 30)
    }
    yield* Effect.forkChild(projector.runFor((project) => project === ours))
    yield* TestClock.adjust("62 seconds")
    expect((yield* log.head(ours)).position).toBe(2)
    expect((yield* log.head(others)).position).toBe(1)
  }).pipe(Effect.provide(OnymousLayer.layerMemory)),
)
