import type { Sql } from "@onymous/database/sql/SchemaClient"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { insert, newBareProject } from "./AppendRate.ts"
import { Cores } from "../load/Cores.ts"
import * as Requests from "../load/Requests.ts"
import { answersInTurns, batches, batchSize, inParts, millis, rate } from "../load/Scenario.ts"
import type { Server } from "../load/ServerProcess.ts"

/** Events in a client's request. */
const requestSize = 100

/** Clients that send at once. */
const connections = 16

/** The amount of the load. */
interface Sizes {
  readonly events: number
  readonly seconds: number
}

/** Requests of `size` events each, by people whom the server does not know. */
export const newBodies = (server: Server, count: number, size: number) =>
  Requests.bodies(server, batches(count, size, `${randomUUID()}-`))

/**
 * Sends requests and waits until the persons have caught up; returns the milliseconds until the
 * last answer.
 */
const sendAll = Effect.fnUntraced(function* (server: Server, bodies: ReadonlyArray<Uint8Array>) {
  let last = 0
  const sending = Effect.map(
    Requests.send(server, bodies, connections),
    ({ position }) => (last = position),
  )
  const sent = yield* millis(sending)
  yield* Requests.waitFor(server, last)
  return sent
})

/**
 * More one-event requests than the server answers in a second, over one connection and over many.
 */
const requestsPerSecondMax = (over: number): number => (over === 1 ? 1500 : 5000)

/** One-event requests that the server answers in a second, over some connections. */
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
  yield* Requests.waitFor(server, position)
  return perSecond
})

/**
 * The same requests to a path that stores nothing, which leaves the cost of HTTP for client and
 * server.
 */
const measureHttp = Effect.fnUntraced(function* (server: Server, seconds: number) {
  const count = Math.ceil(seconds * requestsPerSecondMax(connections))
  // This path stores nothing, so all requests can be alike.
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

/** Sends some requests, so that the server's code is compiled, and sets the policy. */
export const warm = Effect.fnUntraced(function* (server: Server, { events, seconds }: Sizes) {
  yield* Requests.withoutBuffer(server)
  yield* sendAll(server, newBodies(server, events, requestSize))
  yield* measureRequests(server, seconds, connections)
})

/**
 * Measures one connection, many connections, and HTTP alone over as many, in turns. Many requests
 * can share a commit, a single connection waits for a commit each, and HTTP alone is the limit of
 * sharing.
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

/** The server, the database and the amounts of a measurement. */
interface Captured {
  readonly server: Server
  /** Connections to the server's database. */
  readonly appends: Sql
  readonly sizes: Sizes
  readonly round: number
}

/**
 * Sends events to the server, whose projector follows them, and inserts as many bare, in turns. The
 * time ends when the persons have caught up, so that a server gains nothing by delaying its
 * projector.
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
