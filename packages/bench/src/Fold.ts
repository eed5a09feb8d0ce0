import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type * as Event from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import { pageSize } from "@onymous/projector/ProjectPage"
import { eventAt, idsPerEvent, rate } from "./Scenario.ts"
import { Unruled } from "./Unruled.ts"

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

/** Folds a log of `count` events page after page; only `fold` is timed, and only its state outlives its page. */
const timed = (count: number, fold: (page: ReadonlyArray<Event.Recorded>) => unknown): number => {
  let ms = 0
  for (let start = 0; start < count; start += pageSize) {
    const page = Array.from({ length: Math.min(pageSize, count - start) }, (_, index) =>
      recorded(eventAt(start + index, count), start + index + 1),
    )
    const began = performance.now()
    fold(page)
    ms += performance.now() - began
  }
  return ms
}

const foldAll = (count: number) => {
  const identity = Identity.empty(project, { ...Policy.page, buffer_enabled: false })
  return { identity, ms: timed(count, (page) => Identity.fold(identity, page)) }
}

/** The same without a rule, which comes to the same hash: else it says nothing. */
const foldUnruled = (count: number, expected?: StateHash.StateHash): number => {
  const unruled = new Unruled(project)
  const ms = timed(count, (page) => unruled.fold(page))
  const [hash, wanted] = [unruled.stateHash, expected ?? unruled.stateHash].map(StateHash.toText)
  if (hash !== wanted) throw new Error(`Without a rule it comes to ${hash}, not to ${wanted}.`)
  return ms
}

/** Compiles both folds, so that neither their speed nor their heap counts that. */
export const warm = (): void => {
  const { identity } = foldAll(20_000)
  foldUnruled(20_000, identity.stateHash)
}

/** Folds a log of about `ids` distinct ids in memory, with the rules and without, in turns. */
export const measure = (ids: number, round: number) => {
  const count = Math.round(ids / idsPerEvent)
  const unruledBefore = round % 2 === 1 ? foldUnruled(count) : undefined
  const before = heapUsed()
  const { identity, ms } = foldAll(count)
  const bytes = heapUsed() - before
  const unruledMs = unruledBefore ?? foldUnruled(count, identity.stateHash)
  return {
    fold_events_per_s: rate(count, ms),
    fold_unruled_events_per_s: rate(count, unruledMs),
    fold_vs_unruled: unruledMs / ms,
    fold_bytes_per_id: bytes / identity.components.size,
  }
}
