import type * as ApiForms from "@onymous/api/forms/ApiForms"
import * as Json from "@onymous/identity/encoding/Json"
import * as StateHash from "@onymous/identity/state/StateHash"
import { remedy } from "@onymous/identity/state/Warning"
import type { Attributed } from "@onymous/persons/Attribution"
import type { PersonView, WaitingView, WarningGroup } from "@onymous/persons/Persons"

/** The state hash of a project in which nothing has happened. */
export const emptyStateHash = StateHash.toText(StateHash.zero)

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** A person as the API tells it. */
export const person = (view: PersonView): typeof ApiForms.Person.Type => ({
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
const waiting = ({ dueAt, released }: WaitingView): typeof ApiForms.Waiting.Type => ({
  due_at: time(dueAt),
  reason: "unknown_distinct_id",
  released_position: released?.position ?? null,
  released_by: released?.by ?? null,
})

/** An event and whose it is, as the API tells it. */
export const event = (attributed: Attributed): typeof ApiForms.Event.Type => ({
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
export const waitingEvent = (view: WaitingView): typeof ApiForms.WaitingEvent.Type => ({
  position: view.position,
  distinct_id: view.distinctId,
  ...waiting(view),
  person_id: view.released?.personId ?? null,
})

/** The warnings of a type as the API tells them. */
export const warningGroup = (group: WarningGroup): typeof ApiForms.WarningGroup.Type => ({
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
