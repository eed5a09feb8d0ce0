import type { Json } from "./Json.ts"
import type { Position } from "./Position.ts"

/** The reasons for which an event is not applied as asked (SPEC §6). */
export type WarningType =
  | "cannot_merge_already_identified"
  | "cannot_merge_with_illegal_distinct_id"
  | "skipping_event_invalid_uuid"
  | "person_properties_size_violation"

/** Why an event was not applied as asked; derived from the log like persons are. */
export interface Warning {
  readonly type: WarningType
  readonly position: Position
  /** Epoch milliseconds at which the log took the event. */
  readonly at: number
  readonly eventUuid: string
  readonly details: { readonly [key: string]: Json }
}

/** What would make the event pass, in a sentence for the one who reads the warning. */
export const remedy = (type: WarningType): string => {
  switch (type) {
    case "cannot_merge_already_identified":
      return "Only an anonymous id can be merged into another: send the identified id as distinct_id and the anonymous one as $anon_distinct_id or alias, or call reset() before another user logs in on the same device."
    case "cannot_merge_with_illegal_distinct_id":
      return "Send a unique id of the user: this one is on the project's list of illegal ids, and usually means that a variable was empty."
    case "skipping_event_invalid_uuid":
      return "Send a UUID as uuid, or none: then the event gets one."
    case "person_properties_size_violation":
      return "Unset properties, or store less in them: all properties of a person together have a limit."
  }
}
