import * as Cones from "../state/Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { dueTimes } from "./DueTimes.ts"
import type { Event, Recorded } from "../event/Event.ts"
import type { LogById } from "./LogById.ts"
import { namedBy } from "../event/NamedIds.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Position } from "../event/Position.ts"
import type { Identity } from "../state/IdentityState.ts"
import { type Turn, UndoneEvents } from "./UndoneEvents.ts"

/*
 * An example, under a window of 60 s; zoe is in another cone than ann and dev:
 *
 *   1  12:00:00  seen dev                 waits until 12:01:00
 *   2  12:00:10  $identify ann, dev
 *   3  12:05:00  seen zoe                 releases 1
 *   4  12:06:00  2 is retracted
 *
 * The cone of ann and dev has the events 1, 2 and 4. Folded alone, they would release 1 at 4: too late. So
 *   dueTimes   gives the times at which something in them can be due, whatever is retracted: 12:01:00;
 *   withTicks  puts a tick at 3, the first position of the whole log at or past that time, and one at 4;
 *   retract    folds 1, which both of its logs begin with, then 2 tick tick, and tick tick tick.
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
  /**
   * Their events but retractions, and every change of policy, up to the retraction, with a tick there,
   * and where something may have been released.
   */
  readonly log: ReadonlyArray<Recorded>
  /** The event that the retraction turns; undefined where it is in vain. */
  readonly turn: Turn | undefined
  /** True for an event that is undone until the retraction. */
  readonly isUndone: (event: Event) => boolean
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
  /** Events at which time has passed, whosever they are. */
  readonly moments: ReadonlyArray<Recorded>
  /** The logs that will be folded: what waits in them is released where it would be in the whole log. */
  readonly variants: (log: ReadonlyArray<Recorded>) => ReadonlyArray<ReadonlyArray<Recorded>>
}

/** All that is about some ids out of a whole log in memory, up to and with a position. */
export const logIn = (
  policy: Policy,
  whole: LogById,
  { ids, until, moments, variants }: Wanted,
): ReadonlyArray<Recorded> => {
  const timed = withTicks(whole.about(ids, until), moments, until)
  const times = variants(timed).flatMap((log) => dueTimes(policy, log))
  const ticks = times.flatMap((time) => whole.firstAt(time) ?? [])
  return withTicks(timed, ticks, until)
}

/** The past that a retraction of these cones reads, out of a whole log in memory. */
export const pastIn = (
  policy: Policy,
  whole: LogById,
  ids: ReadonlySet<DistinctId>,
  retraction: Recorded,
): Past => {
  const { undone } = whole
  const said = whole.saidOf(ids, retraction.position)
  const times = dueTimes(policy, said, undone.named)
  const ticks = times.flatMap((time) => whole.firstAt(time) ?? [])
  return pastOfSaid(policy, ids, retraction, { undone, said, ticks })
}

/** The same, out of all that is about these cones up to the retraction, with the ticks that it needs. */
export const pastFrom = (
  policy: Policy,
  log: ReadonlyArray<Recorded>,
  ids: ReadonlySet<DistinctId>,
  retraction: Recorded,
): Past => {
  const undone = new UndoneEvents()
  for (const recorded of log) undone.add(recorded)
  const said = log.filter(({ event }) => event._tag !== "Retracted")
  return pastOfSaid(policy, ids, retraction, { undone, said, ticks: [] })
}

const pastOfSaid = (
  policy: Policy,
  ids: ReadonlySet<DistinctId>,
  retraction: Recorded,
  {
    undone,
    said,
    ticks,
  }: {
    readonly undone: UndoneEvents
    readonly said: ReadonlyArray<Recorded>
    readonly ticks: ReadonlyArray<Recorded>
  },
): Past => {
  const { position: until } = retraction
  const isUndone = ({ uuid }: Event) => undone.wasUndone(uuid, until)
  const log = withTicks(said, [...ticks, retraction], until)
  return { ids, policy, log, turn: undone.turnAt(until), isUndone }
}

/** The past that a retraction reads, where the whole project lies in memory; other events need none. */
export const pastOf = (
  identity: Identity,
  policy: Policy,
  whole: LogById,
  recorded: Recorded,
): Past | undefined =>
  recorded.event._tag === "Retracted"
    ? pastIn(policy, whole, Cones.of(identity, namedBy(recorded.event)), recorded)
    : undefined
