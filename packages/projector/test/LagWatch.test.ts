import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
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
    const now = { head: headNow, derived: derivedNow, at }
    expect(LagWatch.find(project, { head, derived, at: 0 }, now)._tag).toBe(tag)
  })
})

it.effect("a lag that grows is told once a minute, in rates, and no more once it is small", () => {
  const lines: Array<string> = []
  const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  return Effect.gen(function* () {
    const log = yield* EventLog
    yield* log.createProject({ id: project, token: "busy", keyHash: "" })
    const events = simpleEvents(1, 40_000)
    const append = (from: number, to: number) => {
      const part = events.slice(from, to)
      return Arr.isReadonlyArrayNonEmpty(part) ? log.append(project, part) : Effect.void
    }
    // Nobody derives anything.
    yield* Effect.forkScoped(LagWatch.run)
    yield* append(0, 15_000)
    yield* TestClock.adjust("70 seconds")
    expect(lines).toEqual([])
    yield* append(15_000, 21_000)
    yield* TestClock.adjust("60 seconds")
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain("project busy are 21000 events behind the log")
    expect(lines[0]).toContain("100 events/s come, 0 events/s are derived")
    yield* TestClock.adjust("10 minutes")
    expect(lines, "it grows no more").toHaveLength(1)
  }).pipe(Effect.provide(Layer.mergeAll(logMemory, personsMemory, heard)))
})
