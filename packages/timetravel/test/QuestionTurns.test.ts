import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as FileHistory from "../src/history/FileHistory.ts"
import * as TimeTravel from "../src/questions/TimeTravel.ts"
import { historyOf, identify, uuid } from "./historySupport.ts"

const count = 5000

const lines = Array.from({ length: count }, (_, index) =>
  identify(index + 1, "ann", `device-${index + 1}`),
)

/** The retraction of the first of many events, so that a question folds all of them again. */
const retraction = {
  api: "events.retract",
  uuid: uuid(count + 1),
  event_uuid: uuid(1),
  distinct_id: "ann",
  alias: "device-1",
  by: "ann",
  reason: "a test",
}

const { project, log, startPolicy } = historyOf([...lines, retraction])

/** How often another fiber has its turn until an effect is done. */
const turnsOf = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  let isDone = false
  yield* Effect.forkChild(
    Effect.map(effect, () => {
      isDone = true
    }),
  )
  let turns = 0
  while (!isDone) {
    yield* Effect.yieldNow
    turns += 1
  }
  return turns
})

const pair = { a: "device-2", b: "device-3" }

const questions: Readonly<
  Record<string, (timeTravel: TimeTravel.TimeTravel["Service"]) => Effect.Effect<unknown, unknown>>
> = {
  why: (timeTravel) => timeTravel.why(project, pair),
  undo: (timeTravel) => timeTravel.undo(project, pair),
  culprits: (timeTravel) => timeTravel.culprits(project, { distinctId: "ann" }),
}

it.effect.each(Object.keys(questions))(
  "%s of a person of very many events, one of them retracted, is answered in many turns",
  (name) =>
    Effect.gen(function* () {
      const file = yield* FileHistory.make(project, log, startPolicy)
      const layer = Layer.provide(TimeTravel.layer, FileHistory.layer(file))
      const timeTravel = yield* Effect.provide(TimeTravel.TimeTravel, layer)
      const turns = yield* turnsOf(questions[name]?.(timeTravel) ?? Effect.void)
      // A turn folds 1,000 events of the log, with or without the undone event, but 500 for the retraction.
      expect(turns).toBeGreaterThan((2 * count) / 1000 + (2 * count) / 500)
    }),
)
