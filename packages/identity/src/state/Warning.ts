import type { Json } from "../encoding/Json.ts"
import type { Position } from "../event/Position.ts"

/** The reasons for which an event is not applied as asked (SPEC §6). */
export type WarningType =
  | "cannot_merge_already_identified"
  | "cannot_merge_with_illegal_distinct_id"
  | "skipping_event_invalid_uuid"
  | "ignored_invalid_timestamp"
  | "event_timestamp_in_future"
  | "person_properties_size_violation"
  | "invalid_process_person_profile"
  | "invalid_event_when_process_person_profile_is_false"
  | "event_dropped_person_processing_disabled"
  | "guard_ids_per_person"
  | "guard_new_ids_per_hour"
  | "guard_refusals_per_id"
  | "guard_identified_parts"

/** Why an event was not applied as asked; derived from the log like persons are. */
export interface Warning {
  readonly type: WarningType
  /** Where the event lies in the log. */
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
    case "ignored_invalid_timestamp":
      return "Send ISO 8601 times, with a year from 0 to 9999: the event got another time than it says."
    case "event_timestamp_in_future":
      return "Set the client's clock, or send sent_at with its time: the event got the time at which it came."
    case "invalid_process_person_profile":
      return "Send true or false as $process_person_profile: the event was processed as if there were none."
    case "invalid_event_when_process_person_profile_is_false":
      return "An event that is about persons cannot ask for none: leave $process_person_profile out."
    case "event_dropped_person_processing_disabled":
      return "The project processes no persons: set person_processing_opt_out to false to have them."
    case "guard_ids_per_person":
      return "One person would have more ids than the project allows: look whether one id is shared by many people, or raise guard_ids_per_person_max."
    case "guard_new_ids_per_hour":
      return "More ids would join one person within an hour than the project allows: look for a shared id, or raise guard_new_ids_per_hour_max."
    case "guard_refusals_per_id":
      return "The id was refused more often than the project allows: find who sends it, or raise guard_refusals_per_id_max."
    case "guard_identified_parts":
      return "Both persons are identified: have an operator merge them, with a reason, if they are one."
    case "person_properties_size_violation":
      return "Unset properties, or store less in them: all properties of a person together have a limit."
  }
}
