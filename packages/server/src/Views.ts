import type * as Answers from "@onymous/api/Answers"
import * as Json from "@onymous/identity/Json"
import * as StateHash from "@onymous/identity/StateHash"
import { remedy } from "@onymous/identity/Warning"
import type { Attributed } from "@onymous/projector/Attribution"
import type { PersonView, WaitingView, WarningGroup } from "@onymous/projector/Persons"

/** The state hash of a project in which nothing has happened. */
export const emptyStateHash = StateHash.toText(StateHash.zero)

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A person as the API tells it. */
export const person = (view: PersonView): typeof Answers.Person.Type => ({
  id: view.id,
  distinct_ids: view.distinctIds,
  properties: view.properties,
  is_identified: view.isIdentified,
  created_at: time(view.createdAt),
  version: view.version,
})

/** The properties of an event, as its client sent them. */
export const propertiesOf = (payload: string): Json.JsonObject => {
  const value: unknown = JSON.parse(payload)
  const properties = Json.isObject(value) ? Json.get(value, "properties") : undefined
  return Json.isObject(properties) ? properties : {}
}

/** How an event waited, as the API tells it. */
export const waiting = ({ dueAt, released }: WaitingView): typeof Answers.Waiting.Type => ({
  due_at: time(dueAt),
  reason: "unknown_distinct_id",
  released_position: released?.position ?? null,
  released_by: released?.by ?? null,
})

/** An event and whose it is, as the API tells it. */
export const event = (attributed: Attributed): typeof Answers.Event.Type => ({
  position: attributed.recorded.position,
  uuid: attributed.event.uuid,
  event: attributed.event.name,
  distinct_id: attributed.event.distinctId,
  properties: propertiesOf(attributed.recorded.payload),
  timestamp: time(attributed.timestamp),
  received_at: time(attributed.recorded.recordedAt),
  status: attributed.status,
  person_id: attributed.personId ?? null,
  stamped_person_id: attributed.stampedPersonId ?? null,
  waiting: attributed.waiting === undefined ? null : waiting(attributed.waiting),
})

/** A waiting event as the API tells it. */
export const waitingEvent = (view: WaitingView): typeof Answers.WaitingEvent.Type => ({
  position: view.position,
  distinct_id: view.distinctId,
  ...waiting(view),
  person_id: view.released?.personId ?? null,
})

/** The warnings of a type as the API tells them. */
export const warningGroup = (group: WarningGroup): typeof Answers.WarningGroup.Type => ({
  type: group.type,
  count: group.count,
  last_seen: time(group.lastSeen),
  remedy: remedy(group.type),
  sparkline: group.daily,
  warnings: group.warnings.map((warning) => ({
    type: warning.type,
    position: warning.position,
    timestamp: time(warning.at),
    event_uuid: warning.eventUuid,
    details: warning.details,
  })),
})
