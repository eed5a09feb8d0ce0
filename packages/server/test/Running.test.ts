import { expect, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Logger, Schedule, Scope } from "effect"
import { Agent } from "node:http"
import { EventLog, EventLogError } from "@onymous/log/EventLog"
import { Position } from "@onymous/identity/event/Position"
import { layerMemory } from "@onymous/log/memory/MemoryEventLog"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import { PersonStore } from "@onymous/persons/PersonStore"
import { fromChanges } from "@onymous/persons/rows/RowBuilder"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { wantedBy } from "@onymous/simulator/random/FewIds"
import { ask, askRaw, memory, on, project, question, send, token } from "./serverSupport.ts"

/** A log in memory, with some methods replaced. */
const changed = (change: (log: EventLog["Service"]) => Partial<EventLog["Service"]>) =>
  Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) => EventLog.of({ ...log, ...change(log) })),
  ).pipe(Layer.provide(layerMemory))

const post = { method: "POST", body: JSON.stringify({ event: "e", distinct_id: "u" }) }

const unavailable = new EventLogError({ reason: { _tag: "Unavailable", cause: "secret" } })

it.live(
  "a connection is kept for longer than balancers keep theirs, or for as long as is set",
  () => {
    const agent = new Agent({ keepAlive: true })
    const told = Effect.map(askRaw("/health", { agent }), ({ headers }) => headers["keep-alive"])
    return Effect.gen(function* () {
      expect(yield* Effect.provide(told, memory)).toBe("timeout=75")
      const short = on(layerMemory, undefined, { keepAlive: Duration.seconds(9) })
      expect(yield* Effect.provide(told, short)).toBe("timeout=9")
    }).pipe(Effect.ensuring(Effect.sync(() => agent.destroy())))
  },
)

it.live("without its database it says so, and nothing of why", () =>
  Effect.gen(function* () {
    for (const path of ["/health", "/readyz"]) {
      const { status, text } = yield* ask(path)
      expect({ status, text }).toEqual({ status: 503, text: '{"status":"unavailable"}' })
    }
    const asked = yield* question("status")
    expect({ status: asked.status, after: asked.headers.get("retry-after") }).toEqual({
      status: 503,
      after: "1",
    })
    expect(asked.text).not.toContain("secret")
    expect((yield* ask("/")).status).toBe(200)
  }).pipe(
    Effect.provide(
      on(
        changed(() => ({
          ready: Effect.fail(unavailable),
          head: () => Effect.fail(unavailable),
        })),
      ),
    ),
  ),
)

it.live("a request under way is answered before the server ends, and a new one is not taken", () =>
  Effect.gen(function* () {
    const began = yield* Deferred.make<void>()
    const mayEnd = yield* Deferred.make<void>()
    const slow = changed((log) => ({
      append: (id, events) =>
        Deferred.succeed(began, undefined).pipe(
          Effect.andThen(Deferred.await(mayEnd)),
          Effect.andThen(log.append(id, events)),
        ),
    }))
    const scope = yield* Scope.make()
    // The server must not wait for a connection that it keeps for an hour.
    const options = { keepAlive: Duration.hours(1) }
    const server = yield* Layer.buildWithScope(on(slow, undefined, options), scope)
    const request = ask(`/e/?token=${token}`, post)
    const sent = yield* Effect.forkChild(Effect.provideContext(request, server))
    yield* Deferred.await(began)
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
    yield* Effect.sleep("100 millis")
    yield* Deferred.succeed(mayEnd, undefined)
    expect((yield* Fiber.join(sent)).status).toBe(200)
    yield* Fiber.join(closing)
    const late = yield* Effect.exit(Effect.provideContext(request, server))
    expect(Exit.isFailure(late)).toBe(true)
  }),
)

it.live("the log of the server holds no token and no query; what nobody foresaw, it does", () => {
  const lines: Array<string> = []
  const heard = Logger.layer([Logger.make(({ message }) => void lines.push(String(message)))])
  const dying = on(changed(() => ({ append: () => Effect.die("unforeseen") })))
  return Effect.gen(function* () {
    yield* ask(`/nowhere?token=${token}`)
    yield* ask(`/api/projects/${project}/persons?search=private`)
    expect(lines).toEqual([])
    yield* ask("/e/?token=wrong", post)
    expect(lines).toEqual([expect.stringContaining("(401 invalid_api_key: ")])
    expect(lines.join()).not.toContain("wrong")
    expect((yield* ask(`/e/?token=${token}`, post)).status).toBe(500)
    expect(lines.join()).toContain("POST /e/ failed")
    expect(lines.join()).not.toContain(token)
  }).pipe(Effect.provide(Layer.provide(dying, heard)))
})

it.live(
  "a project that stands still takes events all the same, and says why it answers no question",
  () =>
    Effect.gen(function* () {
      const store = yield* PersonStore
      const other = yield* store.claim(project, "22222222-2222-4222-8222-222222222222")
      const slice = yield* store.load(other, wantedBy([], []))
      const rows = WorkInTurns.atOnce(fromChanges(slice, []))
      yield* store.commit({ from: other, to: { ...other, position: Position(7) }, rows })
      for (const position of [1, 2, 3])
        expect(yield* send({ event: "e", distinct_id: "u" })).toBe(position)
      const { status, text } = yield* question("persons?min_position=8")
      expect(status).toBe(503)
      expect(JSON.parse(text).message).toContain('"onymous rebuild --project 1"')
      const told = JSON.parse((yield* question("status")).text)
      expect(told).toMatchObject({ head: 3, checkpoint: 7, lag: null, lag_seconds: null })
      expect(told.stopped).toContain('"onymous rebuild --project 1"')
      const health = yield* ask("/health")
      expect([health.status, JSON.parse(health.text)]).toEqual([200, { status: "ok", stopped: 1 }])
      expect(yield* send({ event: "e", distinct_id: "u" })).toBe(4)
    }).pipe(Effect.provide(memory)),
)

it.live("an event that the log cannot store is refused by its place in the body, for good", () => {
  const picky = changed((log) => ({
    append: (id, events) => {
      const index = events.findIndex(({ payload }) => payload.includes("bad"))
      const reason = { _tag: "Unstorable", index, uuid: "u", cause: new Error("too odd") } as const
      return index === -1 ? log.append(id, events) : Effect.fail(new EventLogError({ reason }))
    },
  }))
  return Effect.gen(function* () {
    const named = (event: string) => ({ event, distinct_id: "u" })
    // The door skips the event without a name, but counts its place.
    const batch = [named("good"), named(""), named("bad"), named("good")]
    const body = JSON.stringify({ api_key: token, batch })
    const { status, text } = yield* ask("/batch/", { method: "POST", body })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toMatchObject({ attr: "batch[2]", code: "invalid_payload" })
    expect(JSON.parse(text).detail).toContain("too odd")
    expect(yield* send(named("good"))).toBe(1)
  }).pipe(Effect.provide(on(picky)))
})

it.live(
  "beyond the lag that is allowed captures are told to come later, until persons caught up",
  () =>
    Effect.gen(function* () {
      const event = { event: "e", distinct_id: "u" }
      const batch = Array.from({ length: 6 }, () => event)
      const post = ask("/batch/", {
        method: "POST",
        body: JSON.stringify({ api_key: token, batch }),
      })
      // Nobody derives anything: no projector runs, and no reader waits.
      expect((yield* post).status).toBe(200)
      const refused = yield* Effect.repeat(post, {
        until: ({ status }) => status !== 200,
        schedule: Schedule.spaced("200 millis"),
      })
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"])
      const head = JSON.parse((yield* question("status")).text).head
      expect((yield* question(`persons?min_position=${head}`)).status).toBe(200)
      yield* Effect.repeat(post, {
        until: ({ status }) => status === 200,
        schedule: Schedule.spaced("200 millis"),
      })
      const { head: after } = JSON.parse((yield* question("status")).text)
      expect(after, "what was refused is not in the log").toBe(head + 6)
    }).pipe(Effect.provide(on(layerMemory, personsMemory, { maxLag: 5 }))),
)
