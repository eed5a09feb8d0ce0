import type { DistinctId } from "./DistinctId.ts"
import type { Event } from "./Event.ts"

/** The distinct ids that an event names: it reads and changes nothing beyond their cones (DESIGN §6). */
export const namedBy = (event: Event): ReadonlyArray<DistinctId> => {
  switch (event._tag) {
    case "Captured":
    case "PersonsMerged":
    case "Retracted":
      return event.source === undefined ? [event.distinctId] : [event.distinctId, event.source]
    case "PersonSplit":
    case "PersonDeleted":
    case "PersonEdited":
      return [event.distinctId]
    case "PolicyChanged":
    case "Ticked":
      return []
  }
}

/** True for an event that names one of these distinct ids. */
export const namesOneOf = (event: Event, ids: ReadonlySet<DistinctId>): boolean =>
  namedBy(event).some((id) => ids.has(id))
