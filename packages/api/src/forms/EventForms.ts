import { Schema } from "effect"
import type * as Json from "@onymous/identity/encoding/Json"
import { type Event, isAct, type Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { At, EventName, EventUuid, Id, Properties, text, Time, timeOf } from "./Listing.ts"

/** The name under which answers show an event. */
const nameOf = (event: Event): string => (event._tag === "Captured" ? event.name : event._tag)

/** An event behind an answer. */
export const EventNote = Schema.Struct({
  position: At,
  event_uuid: EventUuid,
  event: EventName,
  received_at: Time,
}).annotate({ description: "An event behind an answer" })

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
  position: At,
  event_uuid: Schema.NullOr(EventUuid).annotate({
    description: "The uuid of the event, if there is one",
  }),
  event: Schema.NullOr(EventName).annotate({ description: "Its name" }),
  received_at: Schema.NullOr(Time).annotate({ description: "When it came" }),
}).annotate({ description: "Where something became true, and the event that caused it" })

/** The form of a cause. */
export const cause = (position: number, by: Recorded | undefined): typeof Cause.Type => ({
  position,
  event_uuid: by?.event.uuid ?? null,
  event: by === undefined ? null : nameOf(by.event),
  received_at: by === undefined ? null : timeOf(by.recordedAt),
})

/** An act of an operator: who, why, on whom, and the rest of what was asked. */
const Act = Schema.Struct({
  ...EventNote.fields,
  api: text("The name of the act", "persons.merge"),
  distinct_id: Schema.NullOr(Id).annotate({ description: "On whom; null for the whole project" }),
  by: Schema.NullOr(text("Who did it", "ann")).annotate({
    description: "Who did it, if it was said",
  }),
  reason: Schema.NullOr(text("Why", "a shared tablet")).annotate({
    description: "Why, if it was said",
  }),
  details: Properties.annotate({ description: "The rest of what was asked" }),
}).annotate({ description: "What an operator did" })

/** Acts, newest first; `next` is the `before` of the next page. */
export const Acts = Schema.Struct({
  results: Schema.Array(Act).annotate({ description: "The acts, newest first" }),
  next: Schema.NullOr(At).annotate({
    description: "What `before` takes for the next page; null where there is none",
  }),
}).annotate({ description: "What operators did, newest first" })

const nullOr = (value: Json.Json | undefined): string | null =>
  typeof value === "string" ? value : null

/** The form of an act; undefined for an event that is none. */
const act = (recorded: Recorded): typeof Act.Type | undefined => {
  const { event } = recorded
  if (!isAct(event)) return undefined
  if (event._tag === "PolicyChanged") {
    const nobody = { distinct_id: null, by: null, reason: null }
    return { ...note(recorded), api: "policy", ...nobody, details: { ...event.change } }
  }
  const { api, distinct_id, by, reason, ...details } = OperatorCommand.encode(event)
  return {
    ...note(recorded),
    api: nullOr(api) ?? "",
    distinct_id: nullOr(distinct_id),
    by: nullOr(by),
    reason: nullOr(reason),
    details,
  }
}

/** The form of a page of acts. */
export const acts = (
  page: ReadonlyArray<Recorded>,
  next: number | undefined,
): typeof Acts.Type => ({
  results: page.flatMap((recorded) => act(recorded) ?? []),
  next: next ?? null,
})
