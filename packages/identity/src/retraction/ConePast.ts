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
import { step } from "../rules/ReleaseAndStep.ts"

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

/** The cones that some ids are in, as one set. */
export const conesOf = (identity: Identity, ids: Iterable<DistinctId>): ReadonlySet<DistinctId> =>
  new Set([...ids].flatMap((id) => Cones.of(identity, id).members))

/** When something that waits is due, as these logs have it. */
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
 * The past with a tick wherever something that had waited was released: at the first position of the
 * whole log that is at or past its due time, whosever event lies there.
 */
export const withTicks = (
  past: Past,
  ticks: ReadonlyArray<{ readonly position: Position; readonly recordedAt: number }>,
  until: Position,
): Past => {
  const taken = new Set(past.log.map(({ position }) => position))
  const added = new Map<Position, Recorded>()
  for (const { position, recordedAt } of ticks) {
    if (position > until || taken.has(position)) continue
    added.set(position, { position, recordedAt, event: { _tag: "Ticked", uuid: `${position}` } })
  }
  if (added.size === 0) return past
  const log = [...past.log, ...added.values()].toSorted((a, b) => a.position - b.position)
  return { ...past, log }
}

/** The past of some ids out of a log in memory, up to and with a position. */
export const pastIn = (
  project: ProjectId,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { ids, until }: { readonly ids: ReadonlySet<DistinctId>; readonly until: Position },
): Past => {
  const isAbout = ({ event, position }: Recorded) =>
    position <= until && (event._tag === "PolicyChanged" || namesOneOf(event, ids))
  const past = { ids, policy, log: log.filter(isAbout) }
  const times = dues(project, policy, bothOf(past.log))
  const ticks = times.flatMap((time) => firstAt(log, time) ?? [])
  return withTicks(past, ticks, until)
}

/** The past that a retraction reads, where the whole project lies in memory; other events need none. */
export const pastOf = (
  identity: Identity,
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  { event, position: until }: Recorded,
): Past | undefined => {
  if (event._tag !== "Retracted") return undefined
  const ids = conesOf(identity, namedBy(event))
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

export interface Folded {
  readonly identity: Identity
  readonly changes: ReadonlyArray<Change>
}

export const fold = (project: ProjectId, policy: Policy, log: ReadonlyArray<Recorded>): Folded => {
  const identity = empty(project, policy)
  const changes = log.flatMap((recorded) => {
    const made = step(identity, recorded)
    identity.position = recorded.position
    return made
  })
  return { identity, changes }
}
