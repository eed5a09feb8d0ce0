import { Effect, Fiber } from "effect"
import { gzipSync } from "node:zlib"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { newBodies } from "../measures/CaptureRate.ts"
import * as Requests from "../load/Requests.ts"
import { read } from "../measures/RebuildRate.ts"
import { answersInTurns, percentile } from "../load/Scenario.ts"
import type { Server } from "../load/ServerProcess.ts"

/** Clients that capture at once, and their requests between two looks at the rebuild. */
const connections = 4

const sentTogether = 20

/**
 * Requests of the measurement without a rebuild; beside a rebuild there are as many as fit its
 * time.
 */
const requestsAlone = 1000

/**
 * Captures event by event and asks for persons while `isGoingOn`; returns latencies and the share
 * of answered reads.
 */
const captureWhile = Effect.fnUntraced(function* (server: Server, isGoingOn: () => boolean) {
  const times: Array<number> = []
  let [asked, answered] = [0, 0]
  while (isGoingOn() || times.length === 0) {
    const bodies = newBodies(server, sentTogether, 1)
    const sent = yield* Requests.send(server, bodies, connections)
    times.push(...sent.times)
    const { status } = yield* Requests.api(server, "GET", "persons?limit=5")
    asked++
    if (status === 200) answered++
  }
  return { p99: percentile(times, 0.99), answered: answered / asked }
})

const whileAlone = (server: Server) =>
  Effect.suspend(() => {
    let left = requestsAlone / sentTogether
    return captureWhile(server, () => left-- > 0)
  })

const whileRebuilding = Effect.fnUntraced(function* (server: Server) {
  let isRebuilding = true
  const rebuild = yield* Effect.forkChild(
    Effect.ensuring(
      Requests.api(server, "POST", "rebuild"),
      Effect.sync(() => (isRebuilding = false)),
    ),
  )
  const beside = yield* captureWhile(server, () => isRebuilding)
  const { status, text } = yield* Fiber.join(rebuild)
  if (status !== 200 || !text.includes('"published":true')) {
    return yield* new Requests.Refused({ message: `The rebuild ended with ${status}: ${text}` })
  }
  return beside
})

/** Captures while the bench reads the log of another database on the same server, over and over. */
const whileReading = Effect.fnUntraced(function* (server: Server, project: ProjectId) {
  const reading = yield* Effect.forkChild(Effect.forever(read(project)))
  return yield* Effect.ensuring(whileAlone(server), Fiber.interrupt(reading))
})

/** A request of very many events, as small as they can be: as much work as whoever has a token can make of few bytes. */
const bigBody = (server: Server, count: number): Uint8Array => {
  const event = JSON.stringify({ event: "seen", distinct_id: "crowd" })
  const batch = Array.from({ length: count }, () => event).join()
  return gzipSync(`{"api_key":${JSON.stringify(server.token)},"batch":[${batch}]}`)
}

/** Captures of another project while the server takes such a request. */
const whileTakingBig = Effect.fnUntraced(function* (server: Server, other: Server, count: number) {
  let isTaking = true
  const taking = yield* Effect.forkChild(
    Effect.ensuring(
      Requests.send(server, [bigBody(server, count)], 1),
      Effect.sync(() => (isTaking = false)),
    ),
  )
  const beside = yield* captureWhile(other, () => isTaking)
  const { position } = yield* Fiber.join(taking)
  yield* Requests.waitFor(server, position)
  return beside
})

/** Events in a big request, for each event of the measurement. */
const bigFactor = 3

/**
 * The latency of captured events of one project while the server takes a big request of another one, against that
 * without, in turns.
 */
export const measureBig = Effect.fnUntraced(function* (
  server: Server,
  events: number,
  round: number,
) {
  const other = yield* Requests.newProject(server, "other")
  const [alone = nothing, beside = nothing] = yield* answersInTurns(round, [
    whileAlone(other),
    whileTakingBig(server, other, bigFactor * events),
  ])
  return { capture_p99_beside_big_vs_alone: beside.p99 / alone.p99 }
})

const nothing = { p99: Number.NaN, answered: Number.NaN }

/**
 * The latency of captured events and the share of answered reads: without a rebuild, beside one,
 * and while the bench only reads a log, in turns.
 */
export const measure = Effect.fnUntraced(function* (server: Server, log: ProjectId, round: number) {
  const [alone = nothing, beside = nothing, reading = nothing] = yield* answersInTurns(round, [
    whileAlone(server),
    whileRebuilding(server),
    whileReading(server, log),
  ])
  return {
    capture_p99_ms: alone.p99,
    capture_p99_in_rebuild_ms: beside.p99,
    capture_p99_in_rebuild_vs_alone: beside.p99 / alone.p99,
    capture_p99_in_read_vs_alone: reading.p99 / alone.p99,
    reads_answered_in_rebuild: beside.answered,
  }
})
