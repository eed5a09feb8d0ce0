import type { Change } from "@onymous/identity/state/Change"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Json from "@onymous/identity/encoding/Json"
import type { Position } from "@onymous/identity/event/Position"
import type { PersonView } from "@onymous/persons/Persons"
import type { History } from "../history/History.ts"

/** A change of a person or a distinct id, with the event that caused it. */
export interface Happening {
  readonly position: Position
  readonly event: Recorded | undefined
  readonly what: string
  readonly after: PersonView | undefined
}

const describe = (change: Change, ids: ReadonlySet<DistinctId>): string | undefined => {
  switch (change._tag) {
    case "PersonBorn":
      return ids.has(change.distinctId) ? `created with ${change.distinctId}` : undefined
    case "IdJoined":
      return ids.has(change.distinctId) || ids.has(change.via)
        ? `${change.distinctId} joined ${change.via}`
        : undefined
    case "ComponentsJoined":
      return ids.has(change.target) || ids.has(change.source)
        ? `${change.source} was merged into ${change.target}`
        : undefined
    case "PersonChanged":
      return ids.has(change.distinctId) ? "changed" : undefined
    case "IdsSplitOff": {
      const parts = change.parts.map(({ distinctId }) => distinctId)
      return [change.kept, ...parts].some((id) => ids.has(id))
        ? `${parts.join(", ")} split off from ${change.kept}`
        : undefined
    }
    case "PersonGone":
      return change.ids.some(({ distinctId }) => ids.has(distinctId)) ? "deleted" : undefined
    case "ComponentsReplaced": {
      const states = [...change.before, ...change.after]
      return states.some(({ members }) => members.some((id) => ids.has(id)))
        ? "put together anew by a retraction"
        : undefined
    }
    case "Held":
      return ids.has(change.waiting.event.distinctId) ? "an event waits" : undefined
    case "SeenPersonless":
      return ids.has(change.distinctId)
        ? `${change.distinctId} was seen without a person`
        : undefined
    default:
      return undefined
  }
}

/** All ids that ever shared a person with this id: their changes belong to its story. */
const companions = (history: History, id: DistinctId): ReadonlySet<DistinctId> => {
  const ids = new Set([id])
  for (const { component, from, to } of history.membershipsOf(id)) {
    for (const member of history.membersAt(component, (to ?? history.head + 1) - 1)) ids.add(member)
    for (const member of history.membersAt(component, from)) ids.add(member)
  }
  return ids
}

/**
 * Every change of the person of an id up to a position, each with its cause, in order (SPEC §8).
 */
export const story = (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): ReadonlyArray<Happening> => {
  const ids = companions(history, id)
  const causes = causesOf(history.changes)
  return history.changes.flatMap((change, index) => {
    const what = change.position > at ? undefined : describe(change, ids)
    if (what === undefined) return []
    const { position } = change
    const event = history.eventAt(causes[index] ?? position)
    return [{ position, event, what, after: history.personAt(id, position) }]
  })
}

/**
 * For each change, the position of the event that caused it: for an event that waited, its own
 * position, not that of its release.
 */
const causesOf = (changes: ReadonlyArray<Change>): ReadonlyArray<Position> => {
  const causes: Array<Position> = []
  let last: { readonly at: Position; readonly event: Position } | undefined
  for (const change of changes.toReversed()) {
    const { position: at } = change
    if (change._tag === "Released") last = { at, event: change.event }
    else if (last?.at !== at) last = undefined
    causes.push(last?.event ?? at)
  }
  return causes.toReversed()
}

/** An event that set a property's value or removed the property. */
export interface Setting {
  readonly position: Position
  readonly event: Recorded | undefined
  readonly value: Json.Json | undefined
}

/** The events that set a property of the person of an id, latest first (SPEC §8). */
export const settings = (
  history: History,
  id: DistinctId,
  key: string,
  at: Position = history.head,
): ReadonlyArray<Setting> => {
  const found: Array<Setting> = []
  let before: Json.Json | undefined
  for (const { position, event, after } of story(history, id, at)) {
    const value = after && Json.get(after.properties, key)
    if (!Json.equals(value, before)) found.push({ position, event, value })
    before = value
  }
  return found.reverse()
}
