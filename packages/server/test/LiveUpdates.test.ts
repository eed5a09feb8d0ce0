import { expect, it, layer } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Queue, Scope, Stream } from "effect"
import { HttpServer } from "effect/http"
import { EventLog } from "@onymous/log/EventLog"
import { layerMemory as logMemory } from "@onymous/log/memory/MemoryEventLog"
import { Position } from "@onymous/identity/event/Position"
import { layerMemory as personsMemory } from "@onymous/persons/memory/MemoryPersons"
import * as LiveUpdates from "../src/page/LiveUpdates.ts"
import { key, memory, project, question, send, unbuffered, url } from "./serverSupport.ts"

const tick = () => ({
  event: { _tag: "Ticked" as const, uuid: crypto.randomUUID() },
  payload: "{}",
})

type Update = Readonly<Record<string, unknown>>

/** The updates of a project over a real socket, as their data. */
const updatesOf = Effect.fnUntraced(function* (lastEventId?: string) {
  const found = yield* Queue.unbounded<Update>()
  const address = `${yield* url}/api/projects/1/live`
  const headers = {
    authorization: `Bearer ${key}`,
    ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
  }
  const reading = yield* Effect.forkScoped(
    Effect.promise(async (signal) => {
      const { body } = await fetch(address, { headers, signal })
      let text = ""
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk
        const events = text.split("\n\n")
        text = events.pop() ?? ""
        for (const event of events) {
          const [, data = "{}"] = /^data: ?(.*)$/m.exec(event) ?? []
          Queue.offerUnsafe(found, JSON.parse(data))
        }
      }
    }),
    { startImmediately: true },
  )
  return { found, reading }
})

/** The first update for which something holds. */
const until = (
  found: Queue.Dequeue<Update>,
  holds: (update: Update) => boolean,
): Effect.Effect<Update> =>
  Effect.flatMap(Queue.take(found), (update) =>
    holds(update) ? Effect.succeed(update) : until(found, holds),
  )

layer(unbuffered, { excludeTestServices: true })("updates", (it) => {
  it.effect("come at once and as something changes, with the counts that changed", () =>
    Effect.gen(function* () {
      const before = yield* send({ event: "e", distinct_id: "ann" })
      yield* question(`status?min_position=${before}`)
      const { found } = yield* updatesOf()
      const first = yield* Queue.take(found)
      expect(first).toMatchObject({ head: before, checkpoint: before, blocks: [], waiting: 0 })
      const after = yield* send({ event: "e", distinct_id: "bob" })
      yield* question(`status?min_position=${after}`)
      const next = yield* until(found, ({ checkpoint }) => checkpoint === after)
      expect(next).toMatchObject({ head: after, blocks: [{ position: 1, born: after - 1 }] })
      const again = yield* updatesOf(`${before}`)
      const told = yield* Queue.take(again.found)
      expect(told).toMatchObject({ since: before, blocks: [{ position: 1, born: after - 1 }] })
    }).pipe(Effect.scoped),
  )
})

it.live("end as soon as the server does", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const services = yield* Layer.buildWithScope(memory, scope)
    const server = Context.make(HttpServer.HttpServer, Context.get(services, HttpServer.HttpServer))
    const { found, reading } = yield* Effect.provide(updatesOf(), server)
    yield* Queue.take(found)
    yield* Scope.close(scope, Exit.void)
    expect(Exit.isSuccess(yield* Fiber.await(reading))).toBe(true)
  }).pipe(Effect.scoped),
)

it.live("cost as much for many readers as for one", () => {
  let heads = 0
  const counted = Layer.effect(
    EventLog,
    Effect.map(EventLog, (log) =>
      EventLog.of({
        ...log,
        head: (id) =>
          Effect.suspend(() => {
            heads += 1
            return log.head(id)
          }),
      }),
    ),
  )
  const readers = 20
  return Effect.gen(function* () {
    const log = yield* EventLog
    yield* log.createProject({ id: project, token: "t", keyHash: "" })
    const live = yield* LiveUpdates.LiveUpdates
    const enough = yield* Deferred.make<void>()
    let got = 0
    const read = Stream.runForEach(live.of(project, Position(0)), () => {
      got += 1
      return got < 3 * readers ? Effect.void : Deferred.succeed(enough, undefined)
    })
    for (let reader = 0; reader < readers; reader++) yield* Effect.forkScoped(read)
    yield* Effect.forkScoped(
      Effect.forever(Effect.andThen(Effect.sleep("100 millis"), log.append(project, [tick()]))),
    )
    yield* Deferred.await(enough)
    // Each reader looks once at first; all readers share the few later looks.
    expect(heads).toBeLessThan(2 * readers)
  }).pipe(
    Effect.scoped,
    Effect.provide(
      LiveUpdates.layer.pipe(
        Layer.provideMerge(Layer.merge(Layer.provide(counted, logMemory), personsMemory)),
      ),
    ),
  )
})
