import type { Recorded } from "../event/Event.ts"
import { canUndo } from "./UndoneEvents.ts"

/** The uuids of the events that are undone at the end of a log, retractions among them. */
export const undone = (log: ReadonlyArray<Recorded>): ReadonlySet<string> => {
  const uuids = new Set<string>()
  const named = namedIn(log)
  if (named.size === 0) return uuids
  // Nothing undoes the last retraction: from it back, each is told by those after it.
  for (const { event, position } of log.toReversed()) {
    if (event._tag !== "Retracted" || uuids.has(event.uuid)) continue
    const recorded = named.get(event.eventUuid)
    const isEarlier = recorded !== undefined && recorded.position < position
    if (isEarlier && canUndo(event, recorded.event)) uuids.add(event.eventUuid)
  }
  return uuids
}

/** The events that retractions name, by their uuids. */
const namedIn = (log: ReadonlyArray<Recorded>): ReadonlyMap<string, Recorded> => {
  const uuids = new Set<string>()
  for (const { event } of log) if (event._tag === "Retracted") uuids.add(event.eventUuid)
  const named = new Map<string, Recorded>()
  if (uuids.size === 0) return named
  for (const recorded of log) {
    if (uuids.has(recorded.event.uuid)) named.set(recorded.event.uuid, recorded)
  }
  return named
}

/** What is left of an event that is undone: only time passes. */
export const asTick = (recorded: Recorded): Recorded => ({
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
