import { Schema } from "effect"
import type { Event, Recorded } from "@onymous/identity/event/Event"
import { Time, timeOf } from "./Listing.ts"

/** What an event is called. */
export const nameOf = (event: Event): string =>
  event._tag === "Captured" ? event.name : event._tag

/** An event that an answer rests on. */
export const EventNote = Schema.Struct({
  position: Schema.Int,
  event_uuid: Schema.String,
  event: Schema.String,
  received_at: Time,
})

/** An event that an answer rests on. */
export const note = ({ position, recordedAt, event }: Recorded): typeof EventNote.Type => ({
  position,
  event_uuid: event.uuid,
  event: nameOf(event),
  received_at: timeOf(recordedAt),
})

const causeFields = {
  position: Schema.Int,
  event_uuid: Schema.NullOr(Schema.String),
  event: Schema.NullOr(Schema.String),
}

/** Where something became true, and the event that made it so, where the log still tells. */
export const Cause = Schema.Struct(causeFields)

/** Where something became true, and by which event. */
export const cause = (position: number, by: Recorded | undefined): typeof Cause.Type => ({
  position,
  event_uuid: by?.event.uuid ?? null,
  event: by === undefined ? null : nameOf(by.event),
})
