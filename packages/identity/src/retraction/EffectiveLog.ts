import type { Event, Recorded, Retracted } from "../event/Event.ts"
import { namedBy } from "../event/NamedIds.ts"

/** True for an event that can be undone: rules are changed back, and time passes. */
const isRetractable = ({ _tag }: Event): boolean => _tag !== "PolicyChanged" && _tag !== "Ticked"

/**
 * True where a retraction names the ids that its event names: it reads the past of these, and could
 * not undo what lies elsewhere.
 */
const namesIdsOf = (retraction: Retracted, event: Event): boolean => {
  const [target, source] = namedBy(event)
  // No retraction can name the empty id, which an event may give as its source.
  return target === retraction.distinctId && (source || undefined) === retraction.source
}

/** The uuids of the events that are undone at the end of a log; an undone retraction undoes nothing. */
export const undone = (log: ReadonlyArray<Recorded>): ReadonlySet<string> => {
  const uuids = new Set<string>()
  if (!log.some(({ event }) => event._tag === "Retracted")) return uuids
  const byUuid = new Map(log.map((recorded) => [recorded.event.uuid, recorded]))
  for (const { event, position } of log.toReversed()) {
    if (event._tag !== "Retracted" || uuids.has(event.uuid)) continue
    const named = byUuid.get(event.eventUuid)
    const isEarlier = named !== undefined && named.position < position
    if (isEarlier && isRetractable(named.event) && namesIdsOf(event, named.event)) {
      uuids.add(event.eventUuid)
    }
  }
  return uuids
}

const asTick = (recorded: Recorded): Recorded => ({
  ...recorded,
  event: { _tag: "Ticked", uuid: recorded.event.uuid },
})

/** A log as its retractions leave it: where an event is undone, only time passes. */
export const effective = (log: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => {
  const uuids = undone(log)
  const isIdle = ({ event }: Recorded) => event._tag === "Retracted" || uuids.has(event.uuid)
  return log.some(isIdle)
    ? log.map((recorded) => (isIdle(recorded) ? asTick(recorded) : recorded))
    : log
}

/** The log of a retraction without it: the same time passes. */
const withoutLast = (log: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => {
  const last = log.at(-1)
  return last === undefined ? [] : [...log.slice(0, -1), asTick(last)]
}

/** The two logs that a retraction compares: as things were without it, and with it. */
export const bothOf = (
  log: ReadonlyArray<Recorded>,
): readonly [ReadonlyArray<Recorded>, ReadonlyArray<Recorded>] => [
  effective(withoutLast(log)),
  effective(log),
]

/**
 * A log as it was lived through: without a retraction, and as each of its retractions left it, with what
 * came until the next one.
 */
export const logsInForce = (
  log: ReadonlyArray<Recorded>,
): ReadonlyArray<ReadonlyArray<Recorded>> => {
  const ends = log.flatMap(({ event }, index) => (event._tag === "Retracted" ? [index + 1] : []))
  const lives = ends.map((end, index) => [
    ...effective(log.slice(0, end)),
    ...log.slice(end, ends[index + 1]),
  ])
  return [log, ...lives]
}
