import { Schema } from "effect"
import type { Event, Recorded } from "@onymous/identity/event/Event"
import { Time, timeOf } from "./Listing.ts"

/** The name under which answers show an event. */
const nameOf = (event: Event): string => (event._tag === "Captured" ? event.name : event._tag)

/** An event behind an answer. */
export const EventNote = Schema.Struct({
  position: Schema.Int,
  event_uuid: Schema.String,
  event: Schema.String,
  received_at: Time,
})

/** The form of an event behind an answer. */
export const note = ({ position, recordedAt, event }: Recorded): typeof EventNote.Type => ({
  position,
  event_uuid: event.uuid,
  event: nameOf(event),
  received_at: timeOf(recordedAt),
})

/**
 * The position at which something became true, and the event that caused it, where the log still
 * has it.
 */
export const Cause = Schema.Struct({
  position: Schema.Int,
  event_uuid: Schema.NullOr(Schema.String),
  event: Schema.NullOr(Schema.String),
  received_at: Schema.NullOr(Time),
})

/** The form of a cause. */
export const cause = (position: number, by: Recorded | undefined): typeof Cause.Type => ({
  position,
  event_uuid: by?.event.uuid ?? null,
  event: by === undefined ? null : nameOf(by.event),
  received_at: by === undefined ? null : timeOf(by.recordedAt),
})
