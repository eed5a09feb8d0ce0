import { Schema } from "effect"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import { propertiesOf } from "@onymous/identity/event/EventPayload"
import {
  At,
  EventName,
  EventUuid,
  Id,
  pageOf,
  PersonId,
  Properties,
  Time,
  timeOf,
} from "./Listing.ts"

/** The wait of an event for a merge of its id: the time of its release, and its cause. */
const Waiting = Schema.Struct({
  due_at: Time,
  reason: Schema.Literal("unknown_distinct_id").annotate({ description: "Why it waits" }),
  released_position: Schema.NullOr(At).annotate({
    description: "Where it was released; null while it waits",
  }),
  released_by: Schema.NullOr(Schema.Literals(["event", "tick", "retraction"])).annotate({
    description: "What released it: an event, a quiet time, or a retraction",
  }),
}).annotate({ description: "The wait for the event that says whose it is" })

/** An event that waits or was released. */
interface WaitingView {
  readonly position: number
  readonly distinctId: string
  readonly dueAt: number
  readonly released:
    | {
        readonly position: number
        readonly by: "event" | "tick" | "retraction"
        readonly personId?: string
      }
    | undefined
}

const waiting = ({ dueAt, released }: WaitingView): typeof Waiting.Type => ({
  due_at: timeOf(dueAt),
  reason: "unknown_distinct_id",
  released_position: released?.position ?? null,
  released_by: released?.by ?? null,
})

/** An event, its person now, and its person when it was processed. */
const Event = Schema.Struct({
  position: At,
  event_uuid: EventUuid,
  event: EventName,
  distinct_id: Id,
  properties: Properties,
  timestamp: Time,
  received_at: Time,
  status: Schema.Literals(["attributed", "pending", "dropped", "personless"]).annotate({
    description: "Whose it is: somebody's, not known yet, or nobody's",
  }),
  person_id: Schema.NullOr(PersonId).annotate({ description: "Its person now, or at the point" }),
  stamped_person_id: Schema.NullOr(PersonId).annotate({
    description: "Its person when it was processed",
  }),
  waiting: Schema.NullOr(Waiting).annotate({
    description: "Its wait in the buffer, if it has one",
  }),
}).annotate({ description: "An event and its person" })

/** The form of an event with its person. */
export const event = (attributed: {
  readonly recorded: Recorded & { readonly payload: string }
  readonly event: Captured
  readonly timestamp: number
  readonly status: (typeof Event.Type)["status"]
  readonly personId: string | undefined
  readonly stampedPersonId: string | undefined
  readonly waiting: WaitingView | undefined
}): typeof Event.Type => ({
  position: attributed.recorded.position,
  event_uuid: attributed.event.uuid,
  event: attributed.event.name,
  distinct_id: attributed.event.distinctId,
  properties: propertiesOf(attributed.recorded.payload),
  timestamp: timeOf(attributed.timestamp),
  received_at: timeOf(attributed.recorded.recordedAt),
  status: attributed.status,
  person_id: attributed.personId ?? null,
  stamped_person_id: attributed.stampedPersonId ?? null,
  waiting: attributed.waiting === undefined ? null : waiting(attributed.waiting),
})

/** Events, newest first; `next` is the `before` of the next page. */
export const Events = pageOf(Event, At, "Events, newest first")

/** An event that waits or was released. */
export const WaitingEvent = Schema.Struct({
  position: At,
  distinct_id: Id,
  ...Waiting.fields,
  person_id: Schema.NullOr(PersonId).annotate({ description: "Its person, once it is released" }),
}).annotate({ description: "An event that waits, or has waited" })

/** The form of a waiting event. */
export const waitingEvent = (view: WaitingView): typeof WaitingEvent.Type => ({
  position: view.position,
  distinct_id: view.distinctId,
  ...waiting(view),
  person_id: view.released?.personId ?? null,
})

/** Waiting events, newest first; `next` is the `before` of the next page. */
export const WaitingEvents = pageOf(WaitingEvent, At, "Waiting events, newest first")
