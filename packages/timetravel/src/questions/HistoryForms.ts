import type { Event, Recorded } from "@onymous/identity/event/Event"
import type { Json, JsonObject } from "@onymous/identity/encoding/Json"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { remedy, type Warning } from "@onymous/identity/state/Warning"
import type { Difference } from "./Difference.ts"
import type { PersonThen } from "../history/History.ts"
import type { Happening, Setting } from "./Story.ts"
import type { Answer, Culprit, Step } from "./Why.ts"

const time = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** What an event is called. */
export const nameOf = (event: Event): string =>
  event._tag === "Captured" ? event.name : event._tag

/** A person in the stable form. */
export const person = (project: ProjectId, view: PersonThen): JsonObject => ({
  project,
  person_id: view.id,
  distinct_ids: view.distinctIds,
  properties: view.properties,
  is_identified: view.isIdentified,
  created_at: time(view.createdAt),
  version: view.version,
})

/** A warning in the stable form. */
export const warning = (view: Warning): JsonObject => ({
  type: view.type,
  position: view.position,
  timestamp: time(view.at),
  event_uuid: view.eventUuid,
  details: view.details,
  remedy: remedy(view.type),
})

/** An event in the stable form. */
export const event = ({ position, recordedAt, event: recorded }: Recorded): JsonObject => ({
  position,
  event_uuid: recorded.uuid,
  event: nameOf(recorded),
  received_at: time(recordedAt),
})

const step = ({ link, from, to }: Step): JsonObject => ({
  position: link.event.position,
  event_uuid: link.event.event.uuid,
  event: nameOf(link.event.event),
  from,
  to,
})

const separation = (recorded: Recorded): JsonObject => {
  const by = "by" in recorded.event ? recorded.event.by : undefined
  const reason = "reason" in recorded.event ? recorded.event.reason : undefined
  return { ...event(recorded), by: by ?? null, reason: reason ?? null }
}

/** Why two ids are one person, in the stable form; `separated` is there where something took them apart. */
export const why = ({ isSame, chain, refusals, separations }: Answer): JsonObject => ({
  same: isSame,
  chain: chain.map(step),
  refusals: refusals.map(warning),
  ...(separations.length > 0 && { separated: separations.map(separation) }),
})

/** The events that each separate two ids, in the stable form. */
export const undo = (events: ReadonlyArray<Recorded>) => ({ events: events.map(event) })

/** What holds a person together, in the stable form. */
export const culprits = (found: ReadonlyArray<Culprit>) => ({
  culprits: found.map(({ link, parts }): JsonObject => ({
    ...event(link.event),
    from: link.source,
    to: link.target,
    parts: parts.map((part): Json => [...part]),
  })),
})

/** What a property was set to, in the stable form. */
export const settings = (found: ReadonlyArray<Setting>) => ({
  settings: found.map(({ position, event: cause, value }): JsonObject => ({
    position,
    event_uuid: cause?.event.uuid ?? null,
    event: cause === undefined ? null : nameOf(cause.event),
    value: value ?? null,
    is_set: value !== undefined,
  })),
})

/** What happened to an id's person, in the stable form. */
export const history = (
  project: ProjectId,
  story: ReadonlyArray<Happening>,
): { readonly history: ReadonlyArray<JsonObject> } => ({
  history: story.map(({ position, event: cause, what, after }) => ({
    position,
    event_uuid: cause?.event.uuid ?? null,
    event: cause === undefined ? null : nameOf(cause.event),
    what,
    after: after === undefined ? null : person(project, after),
  })),
})

/** A difference in the stable form. */
export const difference = (project: ProjectId, view: Difference): JsonObject => ({
  persons: view.persons.map(({ change, before, after }) => ({
    change,
    before: before === undefined ? null : person(project, before),
    after: after === undefined ? null : person(project, after),
  })),
  warnings: {
    added: view.warnings.added.map(warning),
    removed: view.warnings.removed.map(warning),
  },
})
