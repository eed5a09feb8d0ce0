import { Effect, Fiber } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import * as Transaction from "@onymous/database/sql/Transaction"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as InboxDrain from "@onymous/projector/InboxDrain"
import { newProject } from "../measures/AppendRate.ts"
import { answersInTurns, decode, millis, rate } from "../load/Scenario.ts"

/** Callers that capture at once, each one event after the other. */
const callers = 4

/** How the transaction of a host captures. */
const captures = ["nothing", "locked", "outbox"] as const

type Capture = (typeof captures)[number]

/** How long each transaction of the host is open, in milliseconds. */
const open = [100, 1000] as const

const visit = () => decode("$pageview", "visitor", { $lib: "web" })

/** Captures as the host does, in the transaction around. */
const capture = Effect.fnUntraced(function* (project: ProjectId, how: Capture) {
  const log = yield* EventLog
  if (how === "locked") yield* log.append(project, [visit()])
  if (how === "outbox") yield* log.enqueue(project, [visit()])
})

/** Runs transactions of a host for some time, each of which captures and is then open for as long as it is not. */
const host = Effect.fnUntraced(function* (
  project: ProjectId,
  how: Capture,
  ms: number,
  seconds: number,
) {
  const sql = yield* SchemaClient
  const end = performance.now() + seconds * 1000
  do {
    yield* Transaction.run(sql, Effect.andThen(capture(project, how), Effect.sleep(ms)))
    yield* Effect.sleep(ms)
  } while (performance.now() < end)
})

/** How fast others capture beside a host, and the longest time that one of their events took. */
const beside = Effect.fnUntraced(function* (how: Capture, ms: number, seconds: number) {
  const { append } = yield* EventLog
  const project = yield* newProject
  const times: Array<number> = []
  let isGoingOn = true
  const caller = Effect.gen(function* () {
    while (isGoingOn) times.push(yield* millis(append(project, [visit()])))
  })
  const drained = yield* Effect.forkChild(InboxDrain.run)
  const others = yield* Effect.forkChild(
    Effect.all(
      Array.from({ length: callers }, () => caller),
      { concurrency: "unbounded" },
    ),
  )
  const start = performance.now()
  yield* host(project, how, ms, seconds)
  isGoingOn = false
  yield* Fiber.join(others)
  const took = performance.now() - start
  yield* Fiber.interrupt(drained)
  return { rate: rate(times.length, took), slowest: Math.max(...times) }
})

const unknown = { rate: Number.NaN, slowest: Number.NaN }

/** What the transactions of a host cost others, by how they capture, against ones that capture nothing. */
export const measure = Effect.fnUntraced(function* (seconds: number, round: number) {
  const found: Record<string, number> = {}
  for (const ms of open) {
    const [nothing = unknown, locked = unknown, outbox = unknown] = yield* answersInTurns(
      round,
      captures.map((how) => beside(how, ms, seconds)),
    )
    found[`captures_beside_none_${ms}_ms_per_s`] = nothing.rate
    found[`captures_beside_locked_${ms}_ms_vs_none`] = locked.rate / nothing.rate
    found[`captures_beside_outbox_${ms}_ms_vs_none`] = outbox.rate / nothing.rate
    found[`slowest_beside_locked_${ms}_ms_vs_none`] = locked.slowest / nothing.slowest
    found[`slowest_beside_outbox_${ms}_ms_vs_none`] = outbox.slowest / nothing.slowest
  }
  return found
})
