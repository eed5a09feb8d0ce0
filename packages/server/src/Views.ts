import type * as Answers from "@onymous/api/Answers"
import type { DistinctId } from "@onymous/identity/DistinctId"
import * as Json from "@onymous/identity/Json"
import type { Position } from "@onymous/identity/Position"
import * as StateHash from "@onymous/identity/StateHash"
import * as Timestamp from "@onymous/identity/Timestamp"
import { remedy } from "@onymous/identity/Warning"
import type { RecordedPayload } from "@onymous/log/EventLog"
import type { PersonView, WarningGroup } from "@onymous/projector/Persons"

/** The state hash of a project in which nothing has happened. */
export const emptyStateHash = StateHash.toText(0n)

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

const propertiesOf = (payload: string): Json.JsonObject => {
  const value: unknown = JSON.parse(payload)
  const properties = Json.isObject(value) ? Json.get(value, "properties") : undefined
  return Json.isObject(properties) ? properties : {}
}

/** An event as the API tells it; none for a fact that no client reported. */
export const event = (
  { position, recordedAt, event: recorded, payload }: RecordedPayload,
  known: {
    readonly checkpoint: number
    readonly dropped: ReadonlySet<Position>
    readonly owners: ReadonlyMap<DistinctId, string>
  },
): ReadonlyArray<typeof Answers.Event.Type> => {
  if (recorded._tag !== "Captured") return []
  const isDropped = known.dropped.has(position)
  const isPending = position > known.checkpoint
  const owner = known.owners.get(recorded.distinctId) ?? null
  return [
    {
      position,
      uuid: recorded.uuid,
      event: recorded.name,
      distinct_id: recorded.distinctId,
      properties: propertiesOf(payload),
      timestamp: time(Timestamp.of(recorded, recordedAt)),
      received_at: time(recordedAt),
      status: isDropped ? "dropped" : isPending ? "pending" : "attributed",
      person_id: isDropped || isPending ? null : owner,
    },
  ]
}

/** The warnings of a type as the API tells them. */
export const warningGroup = (group: WarningGroup): typeof Answers.WarningGroup.Type => ({
  type: group.type,
  count: group.count,
  last_seen: time(group.lastSeen),
  remedy: remedy(group.type),
  warnings: group.warnings.map((warning) => ({
    type: warning.type,
    position: warning.position,
    timestamp: time(warning.at),
    event_uuid: warning.eventUuid,
    details: warning.details,
  })),
})
