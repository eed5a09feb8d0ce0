import { expect, it } from "@effect/vitest"
import { Effect, Layer, Metric } from "effect"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import * as Projector from "@onymous/projector/Projector"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { ask, key, memory, on, operatorKey, send, token } from "./serverSupport.ts"

const metricsKey = "for-prometheus-alone-that-nobody-guesses"

const measured = on(logMemory, personsMemory, { metricsKey })

const metrics = (secret: string) =>
  ask("/metrics", { headers: { authorization: `Bearer ${secret}` } })

it.live(
  "Prometheus reads the metrics with the key of the metrics, or the operator's, and nobody else does",
  () =>
    Effect.gen(function* () {
      for (const secret of [metricsKey, operatorKey]) {
        expect((yield* metrics(secret)).status).toBe(200)
      }
      for (const secret of [key, token, "", `${metricsKey}x`]) {
        const { status, text } = yield* metrics(secret)
        expect({ status, text }).toMatchObject({
          status: 401,
          text: expect.stringContaining("--metrics-key"),
        })
      }
      expect((yield* ask("/metrics")).status).toBe(401)
      const questions = yield* ask("/api/projects", {
        headers: { authorization: `Bearer ${metricsKey}` },
      })
      expect(questions.status, "its key opens nothing else").toBe(401)
    }).pipe(Effect.provide(measured)),
)

it.live("where no key is set, none opens the metrics", () =>
  Effect.gen(function* () {
    for (const secret of ["", "undefined", key]) {
      expect((yield* metrics(secret)).status).toBe(401)
    }
  }).pipe(Effect.provide(on(logMemory, personsMemory, { operatorKey: "" }))),
)

it.live("a counter is called a total, and what is in seconds says so", () => {
  const counter = Metric.counter("test.events", { incremental: true })
  const timer = Metric.histogram("test.duration", {
    attributes: { unit: "seconds" },
    boundaries: [1, 2],
  })
  return Effect.gen(function* () {
    yield* Metric.update(Metric.withAttributes(counter, { project: 'a "b"' }), 2)
    yield* Metric.update(timer, 1.5)
    const { text, headers } = yield* metrics(metricsKey)
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    expect(text.split("\n")).toEqual(
      expect.arrayContaining([
        "# TYPE test_events_total counter",
        'test_events_total{project="a \\"b\\""} 2',
        "# TYPE test_duration_seconds histogram",
        'test_duration_seconds_bucket{le="2"} 1',
        "test_duration_seconds_sum 1.5",
      ]),
    )
  }).pipe(Effect.provide(measured))
})

it.live("a process is alive without its database", () =>
  Effect.gen(function* () {
    const { status, text } = yield* ask("/livez")
    expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' })
  }).pipe(Effect.provide(memory)),
)

/** The server, whose persons are behind by so many seconds. */
const behind = (seconds: number) => {
  const late = Layer.effect(
    Projector.Projector,
    Effect.map(Projector.Projector, (projector) => ({
      ...projector,
      gapAge: Effect.succeed(seconds),
    })),
  ).pipe(Layer.provide(Projector.layer))
  return on(logMemory, personsMemory, { readyLag: 60 }, late)
}

it.live.each([
  [60, 200, "ok"],
  [61, 503, "behind"],
] as const)(
  "persons that are %d s behind where 60 are allowed: /readyz says %d",
  ([seconds, ready, told]) =>
    Effect.gen(function* () {
      const { status, text } = yield* ask("/readyz")
      expect([status, text]).toEqual([ready, JSON.stringify({ status: told })])
      expect((yield* ask("/health")).status, "events are taken all the same").toBe(200)
      expect(yield* send({ event: "e", distinct_id: "u" })).toBe(1)
    }).pipe(Effect.provide(behind(seconds))),
)
