import { Schema } from "effect"
import type * as Json from "@onymous/identity/encoding/Json"
import type { Event, Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { At, EventName, EventUuid, Id, Properties, text, Time, timeOf } from "./Listing.ts"

const entryFields = {
  position: At,
  received_at: Time,
  event_uuid: EventUuid,
  event: Schema.optionalKey(
    EventName.annotate({
      description: "The name of a client's event; `policy` or `tick` where it is no client's",
    }),
  ),
  api: Schema.optionalKey(text("Of an operator's act: its name", "persons.merge")),
  distinct_id: Schema.optionalKey(Id),
  by: Schema.optionalKey(text("Of an act: who did it", "ann")),
  reason: Schema.optionalKey(text("Of an act: why", "a shared tablet")),
  source: Schema.optionalKey(
    Id.annotate({ description: "The other distinct id of an $identify or alias" }),
  ),
  policy: Schema.optionalKey(
    Properties.annotate({ description: "Of a change of the policy: its fields" }),
  ),
  retracted_event_uuid: Schema.optionalKey(
    EventUuid.annotate({ description: "Of a retraction: the uuid of the event that it undoes" }),
  ),
}

/** An event as the log took it: of a client by its ids, of an operator with the fields of the act. */
const Entry = Schema.StructWithRest(Schema.Struct(entryFields), [
  Schema.Record(Schema.String, Schema.Json),
]).annotate({ description: "An event of the log; an act has its other fields beside these" })

/** An event as the log took it. */
export type LogEntry = typeof Entry.Type

/** Events in the order of the log. */
export const LogPage = Schema.Struct({
  results: Schema.Array(Entry).annotate({ description: "The events, oldest first" }),
  next: At.annotate({ description: "What `after` takes for what comes next" }),
}).annotate({ description: "Events in the order of the log" })

const saidBy = (event: Event): Json.JsonObject => {
  switch (event._tag) {
    case "Captured": {
      const { name, distinctId, source } = event
      return { event: name, distinct_id: distinctId, ...(source !== undefined && { source }) }
    }
    case "PolicyChanged":
      return { event: "policy", policy: { ...event.change } }
    case "Ticked":
      return { event: "tick" }
    case "Retracted": {
      // The entry has a uuid of its own.
      const { event_uuid = null, alias, ...said } = OperatorCommand.encode(event)
      return { ...said, retracted_event_uuid: event_uuid, ...(alias !== undefined && { alias }) }
    }
    default:
      return OperatorCommand.encode(event)
  }
}

const entry = ({ position, recordedAt, event }: Recorded): LogEntry => ({
  position,
  received_at: timeOf(recordedAt),
  event_uuid: event.uuid,
  ...saidBy(event),
})

/** The form of the events after a position. */
export const logPage = (after: number, page: ReadonlyArray<Recorded>): typeof LogPage.Type => ({
  results: page.map(entry),
  next: page.at(-1)?.position ?? after,
})
