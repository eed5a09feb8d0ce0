import type { Json } from "../encoding/Json.ts"
import type { Position } from "../event/Position.ts"
import * as MergeChecks from "../policy/MergeChecks.ts"

/** Remedies of the warnings that do not come from a merge check. */
const otherRemedies = {
  skipping_event_invalid_uuid: "Send a UUID as uuid, or none: then the event gets one.",
  ignored_invalid_timestamp:
    "Send ISO 8601 times, with a year from 0 to 9999: the event got another time than it says.",
  event_timestamp_in_future:
    "Set the client's clock, or send sent_at with its time: the event got the time at which it came.",
  invalid_process_person_profile:
    "Send true or false as $process_person_profile: the event was processed as if there were none.",
  invalid_event_when_process_person_profile_is_false:
    "An event that is about persons cannot ask for none: leave $process_person_profile out.",
  event_dropped_person_processing_disabled:
    "The project processes no persons: set person_processing_opt_out to false to have them.",
  person_properties_size_violation:
    "Unset properties, or store less in them: all properties of a person together have a limit.",
} as const

/** The reasons for which an event is not applied as asked (SPEC §6). */
export type WarningType = MergeChecks.MergeWarning | keyof typeof otherRemedies

/** The reason for which an event was not applied as asked; derived from the log, as persons are. */
export interface Warning {
  readonly type: WarningType
  /** The event's position in the log. */
  readonly position: Position
  /** The log's time of the event, in epoch milliseconds. */
  readonly at: number
  readonly eventUuid: string
  readonly details: { readonly [key: string]: Json }
}

const remedies = new Map([...MergeChecks.remedies, ...Object.entries(otherRemedies)])

/** The sentence that tells the reader of the warning how the event would pass. */
export const remedy = (type: WarningType): string => remedies.get(type) ?? type
