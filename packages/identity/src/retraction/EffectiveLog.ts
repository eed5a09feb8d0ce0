import type { Recorded } from "../event/Event.ts"
import { UndoneEvents } from "./UndoneEvents.ts"

/** The uuids of the events that are undone at the end of a log; an undone retraction undoes nothing. */
export const undone = (log: ReadonlyArray<Recorded>): ReadonlySet<string> => {
  const events = new UndoneEvents()
  if (!log.some(({ event }) => event._tag === "Retracted")) return events.uuids
  for (const recorded of log) events.add(recorded)
  return events.uuids
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
