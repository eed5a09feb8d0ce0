import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { initial } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { simpleEvents } from "@onymous/simulator/random/FewIds"
import * as LagWatch from "../src/LagWatch.ts"

const project = ProjectId("busy")

describe("a lag", () => {
  const minute = 60_000
  it.each([
    ["that is small", [0, 0], [9_999, 0, 10 * minute], "Small"],
    ["of less than a minute", [0, 0], [50_000, 0, minute - 1], "Watching"],
    ["that is as large as a minute ago", [50_000, 0], [90_000, 40_000, minute], "Shrinking"],
    ["that is smaller", [50_000, 0], [90_000, 70_000, minute], "Shrinking"],
    ["that is larger", [50_000, 0], [90_000, 39_000, minute], "Growing"],
  ] as const)("%s", (_, [head, derived], [headNow, derivedNow, at], tag) => {
    const now = { head: headNow, derived: derivedNow, answered: 0, at }
    expect(LagWatch.find(project, { head, derived, answered: 0, at: 0 }, now)._tag).toBe(tag)
  })
})

const append = Effect.fnUntraced(function* (from: number, to: number) {
  const part = simpleEvents(1, to).slice(from)
  if (Arr.isReadonlyArrayNonEmpty(part)) yield* (yield* EventLog).append(project, part)
})

/** The lines of the watch while 15,000 events come, and later 6,000 more, and the live edition derives none of them. */
const told = Effect.gen(function* () {
  const lines: Array<string> = []
  const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  yield* (yield* EventLog).createProject({ id: project, token: "busy", keyHash: "" })
  yield* Effect.forkScoped(
    Effect.provide(LagWatch.run({ gapAges: new Map(), standstills: new Map() }), heard),
  )
  yield* append(0, 15_000)
  yield* TestClock.adjust("70 seconds")
  expect(lines).toEqual([])
  yield* append(15_000, 21_000)
  yield* TestClock.adjust("60 seconds")
  const then = [...lines]
  yield* TestClock.adjust("10 minutes")
  expect(lines, "it grows no more").toEqual(then)
  return then
})

it.effect("a lag that grows is told once a minute, in rates, and no more where it stays", () =>
  Effect.gen(function* () {
    const lines = yield* told
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain("project busy are 21000 events behind the log")
    expect(lines[0]).toContain("100 events/s come, 0 events/s are derived")
  }).pipe(Effect.provide(Layer.merge(logMemory, personsMemory))),
)

it.effect("what a long log comes to beside the live edition is no lag", () => {
  const beside = Layer.effect(
    Editions,
    Effect.gen(function* () {
      const [log, editions] = [yield* EventLog, yield* Editions]
      return Editions.of({
        ...editions,
        making: (id) =>
          Effect.map(Effect.orDie(log.head(id)), ({ position, logId }) => ({
            checkpoint: { ...initial(id, logId), position },
            mark: "beats",
          })),
      })
    }),
  )
  return Effect.gen(function* () {
    expect(yield* told).toEqual([])
  }).pipe(Effect.provide(Layer.provideMerge(beside, Layer.merge(logMemory, personsMemory))))
})
