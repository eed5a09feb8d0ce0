import { describe, expect, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, Latch, Metric, Tracer } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLogError } from "../src/EventLog.ts"
import * as GroupCommit from "../src/GroupCommit.ts"
import * as LogMetrics from "../src/LogMetrics.ts"
import { incoming } from "./EventLog.contract.ts"

const project = ProjectId("p")
const limits = { sizeMax: 1_000_000, requestsMax: 3, eventsPerCommit: 100 }

type Events = Arr.NonEmptyReadonlyArray<Incoming>

/** Commits once the gate is open: the first two events of a commit are new, later ones are not. */
const gated = Effect.fnUntraced(function* (outcome: "committed" | "failed" = "committed") {
  const gate = yield* Latch.make()
  const reason = { _tag: "Unavailable", cause: "it is down" } as const
  const commit = (_: ProjectId, events: Events) =>
    gate.whenOpen(
      outcome === "failed"
        ? Effect.fail(new EventLogError({ reason }))
        : Effect.sync(() => ({
            places: events.map((_, index) => ({
              position: Position(index + 7),
              isNew: index < 2,
            })),
            reused: new Set<number>(),
          })),
    )
  const append = yield* GroupCommit.make(commit, limits)
  const started = (...numbers: Arr.NonEmptyArray<number>) =>
    Effect.forkChild(
      append(
        project,
        Arr.map(numbers, (number) => incoming(number)),
      ),
      { startImmediately: true },
    )
  return { gate, append, started }
})

/** The states of the metrics, by name and attributes, without units. */
const measured = Effect.map(Metric.snapshot, (metrics) =>
  Object.fromEntries(
    metrics.map(({ id, attributes, state }) => {
      const { unit: _, ...own } = attributes ?? {}
      return [[id, ...Object.values(own)].join(" "), state]
    }),
  ),
)

const alone = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.provideService(effect, Metric.MetricRegistry, new Map())

describe("the metrics of the log", () => {
  it.effect("of a project that is released nothing is kept, and its next event is the first", () =>
    Effect.gen(function* () {
      const { gate, started } = yield* gated()
      yield* gate.open
      yield* Fiber.join(yield* started(1))
      expect(yield* measured).toMatchObject({ "onymous.append.events p": { count: 1 } })
      yield* LogMetrics.released(project)
      const kept = Object.keys(yield* measured)
      expect(kept.filter((name) => name.endsWith(` ${project}`))).toEqual([])
      yield* Fiber.join(yield* started(2))
      expect(yield* measured).toMatchObject({ "onymous.append.events p": { count: 1 } })
    }).pipe(alone),
  )

  it.effect("a commit is measured once, whoever waits for it, and what it added is counted", () =>
    Effect.gen(function* () {
      const { gate, started } = yield* gated()
      const callers = [yield* started(1), yield* started(2, 3), yield* started(4)]
      yield* gate.open
      yield* Effect.forEach(callers, Fiber.join)
      expect(yield* measured).toMatchObject({
        "onymous.append.events p": { count: 2 },
        "onymous.append.batch_size": { count: 1, sum: 4 },
        "onymous.append.duration committed": { count: 1 },
      })
    }).pipe(alone),
  )

  it.effect("a commit that fails is measured as such, and adds nothing", () =>
    Effect.gen(function* () {
      const { gate, started } = yield* gated("failed")
      yield* gate.open
      const failed = yield* started(1)
      yield* Effect.exit(Fiber.join(failed))
      const found = yield* measured
      expect(found).toMatchObject({ "onymous.append.duration failed": { count: 1 } })
      expect(Object.keys(found)).toHaveLength(1)
    }).pipe(alone),
  )

  it.effect("what is refused because too much waits is counted by project", () =>
    Effect.gen(function* () {
      const { gate, append, started } = yield* gated()
      const taken = [yield* started(1), yield* started(2), yield* started(3)]
      yield* Effect.flip(append(project, [incoming(4)]))
      expect(yield* measured).toMatchObject({ "onymous.append.overloaded p": { count: 1 } })
      yield* gate.open
      yield* Effect.forEach(taken, Fiber.join)
    }).pipe(alone),
  )
})

/** A tracer that keeps the spans that it makes. */
const keeping = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const span = (options: ConstructorParameters<typeof Tracer.NativeSpan>[0]) => {
    const made = new Tracer.NativeSpan(options)
    spans.push(made)
    return made
  }
  return { spans, tracer: Tracer.make({ span }) }
}

describe("the spans of the log", () => {
  it.effect("a commit for several callers names what each of them does, and lies in none", () => {
    const { spans, tracer } = keeping()
    return Effect.gen(function* () {
      const { gate, started } = yield* gated()
      const first = yield* started(1).pipe(Effect.withSpan("first"))
      // The first commit is under way before the others come.
      yield* Effect.yieldNow
      const fibers = [
        first,
        yield* started(2, 3).pipe(Effect.withSpan("second")),
        yield* started(4).pipe(Effect.withSpan("third")),
      ]
      yield* gate.open
      yield* Effect.forEach(fibers, Fiber.join)
      const named = new Map(spans.map((span) => [span.spanId, span.name]))
      const told = spans
        .filter(({ name }) => name === "EventLog.commit")
        .map(({ parent, links, attributes }) => ({
          parent: parent._tag === "Some" ? named.get(parent.value.spanId) : undefined,
          links: links.map(({ span }) => named.get(span.spanId)),
          ...Object.fromEntries(attributes),
        }))
      expect(told).toEqual([
        {
          parent: "first",
          links: [],
          "onymous.project": "p",
          "onymous.events": 1,
          "onymous.position.from": 7,
          "onymous.position.to": 7,
        },
        {
          parent: undefined,
          links: ["second", "third"],
          "onymous.project": "p",
          "onymous.events": 3,
          "onymous.position.from": 7,
          "onymous.position.to": 9,
        },
      ])
    }).pipe(Effect.withTracer(tracer))
  })
})
