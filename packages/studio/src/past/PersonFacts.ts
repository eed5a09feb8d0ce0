import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import * as Json from "@onymous/identity/encoding/Json"
import { namedBy } from "@onymous/identity/event/NamedIds"
import type { History, Link } from "@onymous/timetravel/history/History"
import type { PersonId } from "@onymous/identity/state/PersonId"

/** A person with its distinct ids, as of a moment. */
export type PersonThen = NonNullable<ReturnType<History["personAt"]>>

const textIn = (properties: Json.JsonObject, key: string): string | undefined => {
  const value = Json.get(properties, key)
  return typeof value === "string" && value.trim() !== "" ? value : undefined
}

/** What a person is called: by name, else by e-mail address; undefined where it has told neither. */
export const nameOf = (properties: Json.JsonObject): string | undefined =>
  textIn(properties, "name") ?? textIn(properties, "email")

/** Where a person was identified first; undefined where it was not by then. */
export const identifiedSince = (
  history: History,
  person: PersonId,
  at: number,
): number | undefined =>
  history
    .versionsOf(person)
    .find(({ from, person: { isIdentified } }) => from <= at && isIdentified)?.from

/** Events in the order of the log, up to a position, that were sent with one of these ids. */
export const eventsOf = (
  history: History,
  ids: ReadonlySet<DistinctId>,
  at: number,
): ReadonlyArray<Recorded & { readonly event: Captured }> =>
  history.log.flatMap(({ event, ...rest }) =>
    rest.position <= at && event._tag === "Captured" && ids.has(event.distinctId)
      ? [{ ...rest, event }]
      : [],
  )

/** What is known of one of a person's ids. */
export interface IdFacts {
  readonly id: DistinctId
  readonly firstSeen: number | undefined
  /** The link that brought it in; undefined for the id that the others came to. */
  readonly joinedBy: Link | undefined
  readonly events: number
}

const uniting = new Set<string>(["created", "attached", "merged"])

/** The link that brought each id to the others: of two new ones, the source. */
const joinsOf = (
  history: History,
  ids: ReadonlySet<DistinctId>,
  at: number,
): ReadonlyMap<DistinctId, Link> => {
  const joins = new Map<DistinctId, Link>()
  for (const link of history.linksAt()) {
    if (link.position > at) break
    if (!uniting.has(link.outcome)) continue
    const isTargetNew =
      link.outcome === "attached" &&
      history.componentAt(link.target, link.position - 1) === undefined
    const newcomer = isTargetNew ? link.target : link.source
    if (ids.has(newcomer) && !joins.has(newcomer)) joins.set(newcomer, link)
  }
  return joins
}

/** The ids of a person at a position: since when, by what, and with how many events. */
export const idsOf = (
  history: History,
  { distinctIds }: PersonThen,
  at: number,
): ReadonlyArray<IdFacts> => {
  const ids = new Set(distinctIds)
  const joins = joinsOf(history, ids, at)
  const seen = new Map<DistinctId, number>()
  const counts = new Map<DistinctId, number>()
  for (const { event, position } of history.log) {
    if (position > at) break
    for (const id of namedBy(event)) if (ids.has(id) && !seen.has(id)) seen.set(id, position)
    if (event._tag === "Captured" && ids.has(event.distinctId)) {
      counts.set(event.distinctId, (counts.get(event.distinctId) ?? 0) + 1)
    }
  }
  return distinctIds
    .map((id) => ({
      id,
      firstSeen: seen.get(id),
      joinedBy: joins.get(id),
      events: counts.get(id) ?? 0,
    }))
    .toSorted((a, b) => (a.firstSeen ?? 0) - (b.firstSeen ?? 0))
}
