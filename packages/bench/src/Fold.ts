import { Result } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as Event from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import { events } from "./Scenario.ts"

const project = ProjectId("1")

const recordedAt = 1_666_699_200_000

const record = (event: Event.Event, index: number): Event.Recorded => ({
  position: Position(index + 1),
  recordedAt,
  event,
})

const heapUsed = (): number => {
  setFlagsFromString("--expose-gc")
  runInNewContext("gc")()
  return process.memoryUsage().heapUsed
}

/** A page at a time, as a replay does: no list of all changes is kept. */
const foldAll = (log: ReadonlyArray<Event.Recorded>): Identity.Identity => {
  const identity = Identity.empty(project)
  for (let start = 0; start < log.length; start += 2000) {
    Identity.fold(identity, log.slice(start, start + 2000))
  }
  return identity
}

/** The pure fold of a log in memory, and what an id takes there. */
export const measure = (count: number) => {
  const log = events(count).map(({ event }, index) => record(event, index))
  foldAll(log.slice(0, 5000))
  const before = heapUsed()
  const start = performance.now()
  const identity = foldAll(log)
  const seconds = (performance.now() - start) / 1000
  const bytes = heapUsed() - before
  return {
    fold_events_per_s: count / seconds,
    fold_bytes_per_id: bytes / identity.components.size,
  }
}

const wire = (index: number, event: string, distinct_id: string, source: string) => {
  const properties = event === "$identify" ? { $anon_distinct_id: source } : { alias: source }
  const decoded = Event.decode({ event, distinct_id, properties }, () => crypto.randomUUID())
  return record(Result.getOrThrow(decoded).event, index)
}

/** Milliseconds to merge a person of `size` ids, as the source, into one of one id. */
const mergeMs = (size: number): number => {
  const identity = Identity.empty(project, Policy.posthog)
  const grow = Array.from({ length: size }, (_, index) =>
    wire(index, "$identify", "large", `id-${index}`),
  )
  Identity.fold(identity, grow)
  const rounds = 100
  const merges = Array.from({ length: rounds * 2 }, (_, index) =>
    index % 2 === 0
      ? wire(size + index, "$identify", `small-${index}`, "")
      : wire(size + index, "$merge_dangerously", `small-${index - 1}`, "large"),
  )
  const start = performance.now()
  Identity.fold(identity, merges)
  return (performance.now() - start) / rounds
}

/** What a merge costs as the larger side grows: the smaller one is one id each time. */
export const measureMerge = (sizes: ReadonlyArray<number>) => {
  mergeMs(100)
  return new Map(sizes.map((size) => [size, mergeMs(size)]))
}
