import { expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog, EventLogError, type Outcome } from "@onymous/log/EventLog"
import { HostPromises } from "../src/session/HostPromises.ts"

const project = ProjectId("1")

/** A log with a head, which knows the outcomes of transactions. */
const world = (head: number) => {
  const state = {
    head,
    outcomes: new Map<string, Outcome>(),
    asked: 0,
    drains: 0,
    pages: 0,
    isHeld: false,
  }
  const busy = new EventLogError({ reason: { _tag: "Busy", cause: new Error("held") } })
  const log = Layer.mock(EventLog)({
    outcomes: (transactions) =>
      Effect.sync(() => {
        state.asked = transactions.length
        return transactions.map((each) => state.outcomes.get(each) ?? "in progress")
      }),
    drain: () =>
      Effect.suspend(() => {
        state.drains += 1
        if (state.isHeld && state.drains < 3) return Effect.fail(busy)
        state.head += 1
        return Effect.succeed({ count: 1, hasMore: state.drains === state.pages })
      }),
    head: () =>
      Effect.sync(() => ({ project, position: Position(state.head), recordedAt: 0, logId: "" })),
  })
  const promises = new HostPromises()
  const committed = Effect.provide(promises.committed(project), log)
  return { state, promises, committed }
}

it.effect("nothing is waited for before it is committed, nor what was rolled back", () =>
  Effect.gen(function* () {
    const { state, promises, committed } = world(10)
    expect(yield* committed).toBe(zero)
    promises.add("a", Position(7))
    promises.add("b", Position(9))
    expect(yield* committed).toBe(zero)
    state.outcomes.set("a", "committed").set("b", "aborted")
    expect(yield* committed).toBe(7)
    expect(yield* committed).toBe(7)
    promises.add("c", Position(10))
    expect(yield* committed).toBe(7)
    expect(state.asked).toBe(1)
  }),
)

it.effect("a place that a savepoint took back is waited for no longer than the log is", () =>
  Effect.gen(function* () {
    const { state, promises, committed } = world(5)
    promises.add("a", Position(6))
    state.outcomes.set("a", "committed")
    expect(yield* committed).toBe(5)
    state.head = 8
    expect(yield* committed).toBe(6)
  }),
)

it.live(
  "events that waited are given their places first, however long somebody holds the log",
  () =>
    Effect.gen(function* () {
      const { state, promises, committed } = world(5)
      state.isHeld = true
      promises.add("a")
      promises.add("a", Position(3))
      expect(yield* committed).toBe(zero)
      expect(state.drains).toBe(0)
      state.outcomes.set("a", "committed")
      expect(yield* committed).toBe(6)
      expect(state.drains).toBe(3)
      expect(yield* committed).toBe(6)
      expect(state.drains).toBe(3)
    }),
)

it.effect("all events that waited are given their places, page by page", () =>
  Effect.gen(function* () {
    const { state, promises, committed } = world(5)
    state.pages = 1
    promises.add("a")
    state.outcomes.set("a", "committed")
    expect(yield* committed).toBe(7)
    expect(state.drains).toBe(2)
  }),
)

it.effect("of very many transactions the earliest are taken to be committed", () =>
  Effect.gen(function* () {
    const { state, promises, committed } = world(5000)
    for (let number = 1; number <= 3000; number++) promises.add(`${number}`, Position(number))
    expect(yield* committed).toBe(2000)
    expect(state.asked).toBe(1000)
  }),
)
