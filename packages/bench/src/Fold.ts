import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type * as Event from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as PersonId from "@onymous/identity/PersonId"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import { pageSize } from "@onymous/projector/ProjectPage"
import { eventAt, idsPerEvent, rate } from "./Scenario.ts"

const project = ProjectId("1")

const recordedAt = 1_666_699_200_000

/** What the log makes of an event, without the log. */
export const recorded = ({ event }: Event.Incoming, position: number): Event.Recorded => ({
  position: Position(position),
  recordedAt,
  event,
})

/** What is alive on the heap, in bytes: garbage is collected first. */
const heapUsed = (): number => {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

/** Folds a log page after page; only the fold is timed, and only the identity outlives its page. */
const foldAll = (count: number) => {
  const identity = Identity.empty(project, { ...Policy.page, buffer_enabled: false })
  let ms = 0
  for (let start = 0; start < count; start += pageSize) {
    const page = Array.from({ length: Math.min(pageSize, count - start) }, (_, index) =>
      recorded(eventAt(start + index, count), start + index + 1),
    )
    const began = performance.now()
    Identity.fold(identity, page)
    ms += performance.now() - began
  }
  return { identity, ms }
}

/** Compiles the fold, so that neither its speed nor its heap counts that. */
export const warm = (): void => {
  foldAll(20_000)
}

/**
 * What no fold can do without: each event looks for its id, each new id is kept and gets the name of
 * its person, and of each change of a person one digest comes into the sum.
 */
const least = (count: number): number => {
  const names = new Map<string, string>()
  let sum = StateHash.zero
  let ms = 0
  for (let start = 0; start < count; start += pageSize) {
    const events = Array.from(
      { length: Math.min(pageSize, count - start) },
      (_, index) => eventAt(start + index, count).event,
    )
    const began = performance.now()
    for (const event of events) {
      if (event._tag !== "Captured") continue
      const { distinctId } = event
      const isNew = !names.has(distinctId)
      if (isNew) names.set(distinctId, PersonId.of(project, distinctId))
      if (isNew || event.source !== undefined) {
        sum = StateHash.add(sum, StateHash.ofDistinctId(distinctId))
      }
    }
    ms += performance.now() - began
  }
  return ms
}

/** Folds a log of about `ids` distinct ids in memory, and does only the least of it, in turns. */
export const measure = (ids: number, round: number) => {
  const count = Math.round(ids / idsPerEvent)
  const leastBefore = round % 2 === 1 ? least(count) : undefined
  const before = heapUsed()
  const { identity, ms } = foldAll(count)
  const bytes = heapUsed() - before
  const leastMs = leastBefore ?? least(count)
  return {
    fold_events_per_s: rate(count, ms),
    fold_least_events_per_s: rate(count, leastMs),
    fold_vs_least: leastMs / ms,
    fold_bytes_per_id: bytes / identity.components.size,
  }
}
