import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as RebuildPace from "../src/rebuild/RebuildPace.ts"
import { rebuild } from "../src/rebuild/Rebuild.ts"
import { inMemory } from "./personsLayers.ts"
import { simpleEvents } from "@onymous/simulator/random/FewIds"

it.effect(
  "who is gentle rests for as long as was worked since the last rest: a little at least, a second at most",
  () =>
    Effect.gen(function* () {
      const { pause } = yield* RebuildPace.gentle
      for (const [work, rest] of [
        [7, 7],
        [0, 1],
        [30, 30],
        [60_000, 1000],
      ] as const) {
        yield* TestClock.adjust(work)
        const resting = yield* Effect.forkChild(pause)
        yield* TestClock.adjust(rest - 1)
        expect(resting.pollUnsafe(), `${rest - 1} ms after ${work} ms of work`).toBeUndefined()
        yield* TestClock.adjust(1)
        yield* Fiber.join(resting)
      }
    }),
)

it.live("only a rebuild that is asked to be gentle is", () =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const project = ProjectId("gentle")
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const events = simpleEvents(1, 3000)
    if (!Arr.isReadonlyArrayNonEmpty(events)) return yield* Effect.die("There are events.")
    yield* log.append(project, events)
    const { readSize } = yield* RebuildPace.gentle
    for (const [isGentle, together] of [
      [true, readSize],
      [false, RebuildPace.fast.readSize],
    ] as const) {
      const limits: Array<number> = []
      const read: EventLog["Service"]["read"] = (question) => {
        limits.push(question.limit)
        return log.read(question)
      }
      yield* Effect.provideService(rebuild(project, { isGentle }), EventLog, {
        ...log,
        read,
      })
      expect(Math.max(...limits)).toBe(together)
    }
  }).pipe(Effect.provide(inMemory)),
)
