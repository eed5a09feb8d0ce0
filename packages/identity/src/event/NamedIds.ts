import type { DistinctId } from "./DistinctId.ts"
import type { Event } from "./Event.ts"

/**
 * The distinct ids that an event names; it reads and changes nothing outside their cones (DESIGN
 * §6).
 */
export const namedBy = (event: Event): ReadonlyArray<DistinctId> => {
  if (!("distinctId" in event)) return []
  const source = "source" in event ? event.source : undefined
  return source === undefined ? [event.distinctId] : [event.distinctId, source]
}

/** True for an event that names one of these distinct ids. */
export const namesOneOf = (event: Event, ids: ReadonlySet<DistinctId>): boolean =>
  namedBy(event).some((id) => ids.has(id))
