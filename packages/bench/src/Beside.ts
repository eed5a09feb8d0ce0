import { Effect, Fiber } from "effect"
import { newBodies } from "./Capture.ts"
import * as Requests from "./Requests.ts"
import { answersInTurns, percentile } from "./Scenario.ts"
import type { Server } from "./ServerProcess.ts"

/** How many clients capture at once, and how many requests they send between two looks at the rebuild. */
const connections = 4

const sentTogether = 20

/** The fewest requests of which the slowest hundredth says something. */
const requestsMin = 400

/** Captures event by event and asks for persons while something goes on, and tells how that went. */
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
    let left = requestsMin / sentTogether
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

const nothing = { p99: Number.NaN, answered: Number.NaN }

/**
 * How long a captured event takes, and what share of reads is answered, without a rebuild and during one,
 * in turns.
 */
export const measure = Effect.fnUntraced(function* (server: Server, round: number) {
  const [alone = nothing, beside = nothing] = yield* answersInTurns(round, [
    whileAlone(server),
    whileRebuilding(server),
  ])
  return {
    capture_p99_ms: alone.p99,
    capture_p99_in_rebuild_ms: beside.p99,
    capture_p99_in_rebuild_vs_alone: beside.p99 / alone.p99,
    reads_answered_in_rebuild: beside.answered,
  }
})
