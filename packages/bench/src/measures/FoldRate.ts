import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type * as Event from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import * as Presets from "@onymous/identity/policy/Presets"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import { pageSize } from "@onymous/projector/page/ProjectPage"
import { eventAt, idsPerEvent, rate } from "../load/Scenario.ts"
import { Unruled } from "../baselines/Unruled.ts"

const project = ProjectId("1")

const recordedAt = 1_666_699_200_000

/** An event as the log would record it. */
export const recorded = ({ event }: Event.Incoming, position: number): Event.Recorded => ({
  position: Position(position),
  recordedAt,
  event,
})

/** Live bytes on the heap, after a garbage collection. */
const heapUsed = (): number => {
  setFlagsFromString("--expose-gc")
  const collect: () => void = runInNewContext("gc")
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

type Fold = (page: ReadonlyArray<Event.Recorded>) => unknown

/**
 * Folds a log of `count` events with several folds, page by page, and starts with another fold on
 * each page. Returns the milliseconds of each; only their states outlive a page.
 */
const timeFolds = (count: number, folds: ReadonlyArray<Fold>): ReadonlyArray<number> => {
  const sums = folds.map(() => 0)
  for (let start = 0; start < count; start += pageSize) {
    const page = Array.from({ length: Math.min(pageSize, count - start) }, (_, index) =>
      recorded(eventAt(start + index, count), start + index + 1),
    )
    const turns = [...folds.entries()]
    const first = (start / pageSize) % folds.length
    for (const [index, fold] of [...turns.slice(first), ...turns.slice(0, first)]) {
      const began = performance.now()
      fold(page)
      sums[index] = (sums[index] ?? 0) + performance.now() - began
    }
  }
  return sums
}

/**
 * Folds a log with the rules and without any. Unequal hashes are a defect, because the comparison
 * would say nothing. Only the state with rules is kept.
 */
const foldBoth = (count: number) => {
  const identity = Identity.empty(project, { ...Presets.page, buffer_enabled: false })
  const unruled = new Unruled(project)
  const [ms = Number.NaN, unruledMs = Number.NaN] = timeFolds(count, [
    (page) => Identity.fold(identity, page),
    (page) => unruled.fold(page),
  ])
  const [hash, wanted] = [unruled.stateHash, identity.stateHash].map(StateHash.toText)
  if (hash !== wanted) throw new Error(`Without a rule it comes to ${hash}, not to ${wanted}.`)
  return { identity, ms, unruledMs }
}

/** Runs both folds once, so that neither speed nor heap includes compilation. */
export const warm = (): void => {
  foldBoth(20_000)
}

/** Folds a log of about `ids` distinct ids in memory, with the rules and without. */
export const measure = (ids: number) => {
  const count = Math.round(ids / idsPerEvent)
  const before = heapUsed()
  const { identity, ms, unruledMs } = foldBoth(count)
  const bytes = heapUsed() - before
  return {
    fold_events_per_s: rate(count, ms),
    fold_unruled_events_per_s: rate(count, unruledMs),
    fold_vs_unruled: unruledMs / ms,
    fold_bytes_per_id: bytes / identity.components.size,
  }
}
