import type { Sql } from "@onymous/database/sql/SchemaClient"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { insert, newBareProject } from "./AppendRate.ts"
import { Cores } from "../load/Cores.ts"
import * as Requests from "../load/Requests.ts"
import { answersInTurns, batches, batchSize, inParts, millis, rate } from "../load/Scenario.ts"
import type { Server } from "../load/ServerProcess.ts"

/** How many events a client packs into a request. */
const requestSize = 100

/** How many clients send at once. */
const connections = 16

/** How much is sent. */
interface Sizes {
  readonly events: number
  readonly seconds: number
}

/** Requests of so many events each, by people whom the server does not know. */
export const newBodies = (server: Server, count: number, size: number) =>
  Requests.bodies(server, batches(count, size, `${randomUUID()}-`))

/** Sends, and waits until the persons are there too: the milliseconds until the last answer. */
const sendAll = Effect.fnUntraced(function* (server: Server, bodies: ReadonlyArray<Uint8Array>) {
  let last = 0
  const sending = Effect.map(
    Requests.send(server, bodies, connections),
    ({ position }) => (last = position),
  )
  const sent = yield* millis(sending)
  yield* Requests.reached(server, last)
  return sent
})

/** More requests of one event than are answered in a second: over one connection, and over many. */
const requestsPerSecondMax = (over: number): number => (over === 1 ? 1500 : 5000)

/** How many requests of one event a second are answered over so many connections. */
const measureRequests = Effect.fnUntraced(function* (
  server: Server,
  seconds: number,
  over: number,
  cores: Cores = new Cores(),
) {
  const bodies = newBodies(server, Math.ceil(seconds * requestsPerSecondMax(over)), 1)
  const start = performance.now()
  const sending = Requests.send(server, bodies, over, { seconds })
  const { position, answered } = yield* cores.during(sending)
  const perSecond = rate(answered, performance.now() - start)
  yield* Requests.reached(server, position)
  return perSecond
})

/** The same requests to a door that keeps nothing: what is left is HTTP, for client and server. */
const measureHttp = Effect.fnUntraced(function* (server: Server, seconds: number) {
  const count = Math.ceil(seconds * requestsPerSecondMax(connections))
  // Nothing is kept, so that all can be alike.
  const bodies = newBodies(server, 1, 1).flatMap((body) =>
    Array.from({ length: count }, () => body),
  )
  const start = performance.now()
  const { answered } = yield* Requests.send(server, bodies, connections, {
    path: "/flags/",
    seconds,
  })
  return rate(answered, performance.now() - start)
})

/** Compiles what answers, and sets the rules. */
export const warm = Effect.fnUntraced(function* (server: Server, { events, seconds }: Sizes) {
  yield* Requests.withoutBuffer(server)
  yield* sendAll(server, newBodies(server, events, requestSize))
  yield* measureRequests(server, seconds, connections)
})

/**
 * One connection, many, and HTTP alone over as many, in turns: many can share a commit, one waits for each
 * of its own, and what HTTP alone answers is the most that sharing could come to.
 */
const measureGroups = Effect.fnUntraced(function* (server: Server, seconds: number, round: number) {
  const cores = new Cores()
  const [one = Number.NaN, together = Number.NaN, http = Number.NaN] = yield* answersInTurns(
    round,
    [
      measureRequests(server, seconds, 1),
      measureRequests(server, seconds, connections, cores),
      measureHttp(server, seconds),
    ],
  )
  return {
    one_event_1_requests_per_s: one,
    one_event_16_requests_per_s: together,
    one_event_16_vs_1: together / one,
    one_event_16_cores_busy: cores.busy,
    one_event_16_never_idle_vs_1: together / cores.busy / one,
    http_16_requests_per_s: http,
    http_16_vs_1: http / one,
  }
})

/** What is captured, and what it is compared with. */
interface Captured {
  readonly server: Server
  /** Connections to the database that is served. */
  readonly appends: Sql
  readonly sizes: Sizes
  readonly round: number
}

/**
 * Sends events to the server, whose projector follows them, and inserts as many bare, in turns. Events
 * are captured once the persons know of them: a server that lets its projector fall behind gains nothing.
 */
export const measure = Effect.fnUntraced(function* ({ server, appends, sizes, round }: Captured) {
  const { events, seconds } = sizes
  const log = batches(events)
  const project = newBareProject()
  let answered = 0
  const cores = new Cores()
  const [captured = 0, inserted = 0] = yield* inParts(round, log, (part, start) => {
    const bodies = newBodies(server, part.flat().length, requestSize)
    return [
      cores.during(Effect.map(sendAll(server, bodies), (ms) => (answered += ms))),
      insert(appends, project, part, start * batchSize),
    ]
  })
  return {
    capture_answered_events_per_s: rate(events, answered),
    capture_events_per_s: rate(events, captured),
    capture_answered_vs_unnest: inserted / answered,
    capture_vs_unnest: inserted / captured,
    capture_cores_busy: cores.busy,
    capture_never_idle_vs_unnest: inserted / (captured * cores.busy),
    ...(yield* measureGroups(server, seconds, round)),
  }
})
