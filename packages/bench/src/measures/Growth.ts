import { Array as Arr, Console, Context, Effect } from "effect"
import { randomUUID } from "node:crypto"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import { Projector } from "@onymous/projector/Projector"
import { TimeTravel } from "@onymous/timetravel/questions/TimeTravel"
import { append, newProject } from "./AppendRate.ts"
import { waitMax } from "./ProjectionRate.ts"
import {
  batchSize,
  decode,
  eventAt,
  median,
  millis,
  type Requirements,
  rate,
} from "../load/Scenario.ts"

/** Events made, appended and projected together. */
const chunkSize = 100_000

/** Events of one crowd; crowds have no persons in common. */
const crowdSize = 1_000_000

/** How often each question is asked. */
export const Samples = Context.Reference("@onymous/bench/measures/Growth/Samples", {
  defaultValue: () => 300,
})

/** Events of the person that a what-if is asked about. */
const busyEvents = 1000

/** The index of an event in its crowd. */
const inCrowd = (index: number, size: number) => {
  const count = Math.min(crowdSize, size)
  return { at: index % count, count, crowd: `${Math.trunc(index / count)}-` }
}

const chunkOf = (start: number, end: number, size: number) =>
  Arr.chunksOf(
    Arr.makeBy(end - start, (index) => {
      const { at, count, crowd } = inCrowd(start + index, size)
      return eventAt(at, count, crowd)
    }),
    batchSize,
  )

/** Appends and projects from one length to the next. */
const growTo = Effect.fnUntraced(function* (
  project: ProjectId,
  from: number,
  to: number,
  size: number,
) {
  const { waitFor } = yield* Projector
  const log = yield* EventLog
  let [appending, projecting] = [0, 0]
  for (let start = from; start < to; start += chunkSize) {
    appending += yield* millis(
      append(project, chunkOf(start, Math.min(to, start + chunkSize), size)),
    )
    const { position } = yield* log.head(project)
    projecting += yield* millis(waitFor(project, position, waitMax))
  }
  return {
    append_events_per_s: rate(to - from, appending),
    projection_events_per_s: rate(to - from, projecting),
  }
})

/** A person of a thousand events; the first of them, whose uuid is returned, merged two persons. */
const busyPerson = Effect.fnUntraced(function* (project: ProjectId) {
  const merge = decode("$identify", "busy", { $anon_distinct_id: "busy-tablet" })
  const events = Arr.makeBy(busyEvents - 1, (index) =>
    decode("$pageview", "busy", { $set: { page: index } }),
  )
  yield* append(project, [[merge, ...events]])
  return merge.event.uuid
})

/** The median of the milliseconds that a question takes, and their 99th percentile. */
export const latencyOf = Effect.fnUntraced(function* (
  name: string,
  ask: (index: number) => Effect.Effect<unknown, unknown, Requirements>,
) {
  const samples = yield* Samples
  const times: Array<number> = []
  // The first questions compile the code behind them.
  for (let index = -20; index < samples; index++) {
    const ms = yield* millis(Effect.orDie(ask(Math.abs(index))))
    if (index >= 0) times.push(ms)
  }
  const sorted = times.toSorted((a, b) => a - b)
  const p99 = sorted[Math.ceil(samples * 0.99) - 1] ?? Number.NaN
  return { [`${name}_p50_ms`]: median(times), [`${name}_p99_ms`]: p99 }
})

/** Questions about the past, of ids and positions from all over the log. */
const questions = Effect.fnUntraced(function* (
  project: ProjectId,
  length: number,
  size: number,
  uuid: string,
) {
  const persons = yield* Persons
  const past = yield* TimeTravel
  // A step without a common divisor with the length meets every part of the log.
  const visitAt = (index: number) => {
    const start = (((index + 1) * 7_368_787) % length) - (length % 10)
    const { at, count, crowd } = inCrowd(Math.max(0, start - (start % 10)), size)
    const named = [at, at + 9].map((each) => eventAt(each, count, crowd).event)
    const [a = DistinctId(""), b = DistinctId("")] = named.flatMap((event) =>
      "distinctId" in event ? [event.distinctId] : [],
    )
    return { a, b, position: Position(start + 1) }
  }
  return {
    ...(yield* latencyOf("as_of", (index) => {
      const { b, position } = visitAt(index)
      return persons.find(project, b, position)
    })),
    ...(yield* latencyOf("why", (index) => {
      const { a, b } = visitAt(index)
      return past.why(project, { a, b })
    })),
    ...(yield* latencyOf("history", (index) =>
      past.history(project, { distinctId: visitAt(index).b }),
    )),
    ...(yield* latencyOf("bisect", (index) => {
      const { a, b } = visitAt(index)
      return past.bisect(project, ["same", a, b])
    })),
    ...(yield* latencyOf("what_if_1000", () => past.whatIf(project, { without: [uuid] }))),
  }
})

/** The time from a batch of ten events to their persons. */
const lag = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const { waitFor } = yield* Projector
  return yield* latencyOf("lag", () =>
    Effect.gen(function* () {
      const name = randomUUID()
      const event = () => decode("$pageview", name, { $set: { name } })
      const { position } = yield* log.append(project, Arr.makeBy(10, event))
      yield* waitFor(project, position, waitMax)
    }),
  )
})

/** Rebuilds the project, and measures the fullest heap meanwhile, garbage included. */
const measureRebuild = Effect.fnUntraced(function* (project: ProjectId, length: number) {
  const { rebuild } = yield* Projector
  let most = 0
  const look = Effect.sync(() => {
    most = Math.max(most, process.memoryUsage().heapUsed)
  })
  const ms = yield* millis(rebuild(project, {}, () => look))
  return {
    rebuild_events_per_s: rate(length, ms),
    rebuild_heap_bytes_per_event: most / length,
  }
})

/** A figure at each size of the log or the database, smallest first. */
export interface Grown {
  readonly name: string
  readonly found: ReadonlyArray<number>
}

/** The sizes to measure at: each power of ten from a fiftieth of the whole, and the whole. */
export const stepsTo = (size: number): ReadonlyArray<number> => {
  const powers = Arr.makeBy(16, (digits) => 10 ** digits)
  return [...powers.filter((power) => power >= size / 50 && power < size), size]
}

/** The figures of each size, by name. */
export const grownOf = (
  rounds: ReadonlyArray<Readonly<Record<string, number>>>,
): ReadonlyArray<Grown> =>
  Object.keys(rounds[0] ?? {}).map((name) => ({
    name,
    found: rounds.map((round) => round[name] ?? Number.NaN),
  }))

/** Grows one log to `size` events, and takes the same measurements several times on the way. */
export const measure = Effect.fnUntraced(function* (size: number) {
  const project = yield* newProject
  const uuid = yield* busyPerson(project)
  const found: Array<Readonly<Record<string, number>>> = []
  let from = 0
  for (const length of stepsTo(size)) {
    const grown = yield* growTo(project, from, length, size)
    yield* Console.log(`${length.toLocaleString("en")} events are there.`)
    const answers = yield* questions(project, length, size, uuid)
    const lagging = yield* lag(project)
    const again = yield* measureRebuild(project, length)
    found.push({ events: length, ...grown, ...lagging, ...answers, ...again })
    from = length
  }
  return grownOf(found)
})
