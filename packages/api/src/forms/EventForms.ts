import { Schema } from "effect"
import type * as Json from "@onymous/identity/encoding/Json"
import { type Event, isAct, type Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { Properties, Time, timeOf } from "./Listing.ts"

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

/** An act of an operator: who, why, on whom, and the rest of what was asked. */
const Act = Schema.Struct({
  ...EventNote.fields,
  api: Schema.String,
  distinct_id: Schema.NullOr(Schema.String),
  by: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  details: Properties,
})

/** Acts, newest first; `next` is the `before` of the next page. */
export const Acts = Schema.Struct({
  results: Schema.Array(Act),
  next: Schema.NullOr(Schema.Int),
})

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
export const acts = (page: ReadonlyArray<Recorded>, limit: number): typeof Acts.Type => ({
  results: page.flatMap((recorded) => act(recorded) ?? []),
  next: page.length === limit ? (page.at(-1)?.position ?? null) : null,
})
