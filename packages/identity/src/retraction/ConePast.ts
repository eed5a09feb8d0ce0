import * as Cones from "../state/Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { bothOf } from "./EffectiveLog.ts"
import type { Recorded } from "../event/Event.ts"
import { namedBy, namesOneOf } from "../event/NamedIds.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import { type Identity, empty } from "../state/IdentityState.ts"
import type { Change } from "../state/Change.ts"
import { releaseAndStep } from "../rules/ReleaseAndStep.ts"

/*
 * An example, under a window of 60 s; zoe is in another cone than ann and dev:
 *
 *   1  12:00:00  seen dev                 waits until 12:01:00
 *   2  12:00:10  $identify ann, dev
 *   3  12:05:00  seen zoe                 releases 1
 *   4  12:06:00  2 is retracted
 *
 * The cone of ann and dev has the events 1, 2 and 4. Folded alone, they would release 1 at 4: too late. So
 *   bothOf     gives the two logs that the retraction compares, 1 2 tick and 1 tick tick: without it, with it;
 *   dues       folds both for the times at which something in them is due: 12:01:00;
 *   withTicks  puts a tick at 3, the first position of the whole log at or past that time: 1 2 tick 4.
 */

/**
 * All that was ever said of some distinct ids, as a retraction reads it: nothing that an event does
 * can reach beyond the cones of the ids that it names (DESIGN §6).
 */
export interface Past {
  /** All ids of the cones. */
  readonly ids: ReadonlySet<DistinctId>
  /** The rules that the project began with. */
  readonly policy: Policy
  /** Their events and every change of policy, with a tick where what had waited was released. */
  readonly log: ReadonlyArray<Recorded>
}

/** The times at which something that waits in one of these logs is due, in order. */
export const dues = (
  project: ProjectId,
  policy: Policy,
  logs: ReadonlyArray<ReadonlyArray<Recorded>>,
): ReadonlyArray<number> => {
  const times = new Set<number>()
  for (const log of logs) {
    for (const change of fold(project, policy, log).changes) {
      if (change._tag === "Held") times.add(change.waiting.dueAt)
    }
  }
  return [...times].toSorted((a, b) => a - b)
}

/**
 * A log with a tick wherever something that had waited was released: at the first position of the
 * whole log that is at or past its due time, whosever event lies there.
 */
export const withTicks = (
  log: ReadonlyArray<Recorded>,
  ticks: ReadonlyArray<{ readonly position: Position; readonly recordedAt: number }>,
  until: Position,
): ReadonlyArray<Recorded> => {
  const positions = new Set(log.map(({ position }) => position))
  const missing = new Map<Position, Recorded>()
  for (const { position, recordedAt } of ticks) {
    if (position > until || positions.has(position)) continue
    missing.set(position, { position, recordedAt, event: { _tag: "Ticked", uuid: `${position}` } })
  }
  return missing.size === 0
    ? log
    : [...log, ...missing.values()].toSorted((a, b) => a.position - b.position)
}

/** Which part of a log in memory is wanted. */
export interface Wanted {
  readonly ids: ReadonlySet<DistinctId>
  readonly until: Position
  /** Positions at which time has passed, whosever event lies there. */
  readonly moments?: ReadonlyArray<Position>
  /** The logs that will be folded: what waits in them is released where it would be in the whole log. */
  readonly variants?: (log: ReadonlyArray<Recorded>) => ReadonlyArray<ReadonlyArray<Recorded>>
}

/** The past of some ids out of a whole log in memory, up to and with a position. */
export const pastIn = (
  project: ProjectId,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { ids, until, moments = [], variants = bothOf }: Wanted,
): Past => {
  const isAbout = ({ event, position }: Recorded) =>
    position <= until && (event._tag === "PolicyChanged" || namesOneOf(event, ids))
  const passed = moments.flatMap((position) => log[position - 1] ?? [])
  const timed = withTicks(log.filter(isAbout), passed, until)
  const times = dues(project, policy, variants(timed))
  const ticks = times.flatMap((time) => firstAt(log, time) ?? [])
  return { ids, policy, log: withTicks(timed, ticks, until) }
}

/** The past that a retraction reads, where the whole project lies in memory; other events need none. */
export const pastOf = (
  identity: Identity,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { event, position: until }: Recorded,
): Past | undefined => {
  if (event._tag !== "Retracted") return undefined
  const ids = Cones.of(identity, namedBy(event))
  return pastIn(identity.project, policy, log, { ids, until })
}

/** The first event that was recorded at or after a time: times never go back. */
const firstAt = (log: ReadonlyArray<Recorded>, time: number): Recorded | undefined => {
  let [low, high] = [0, log.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((log[middle]?.recordedAt ?? 0) < time) low = middle + 1
    else high = middle
  }
  return log[low]
}

/** The identity that a log leads to, and the changes on the way. */
export interface Folded {
  readonly identity: Identity
  readonly changes: ReadonlyArray<Change>
}

/** Folds a log without retractions, from nothing. */
export const fold = (project: ProjectId, policy: Policy, log: ReadonlyArray<Recorded>): Folded => {
  const identity = empty(project, policy)
  const changes = log.flatMap((recorded) => {
    const stepChanges = releaseAndStep(identity, recorded)
    identity.position = recorded.position
    return stepChanges
  })
  return { identity, changes }
}
