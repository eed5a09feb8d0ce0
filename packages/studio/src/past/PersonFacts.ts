import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import * as Json from "@onymous/identity/encoding/Json"
import { namedBy } from "@onymous/identity/event/NamedIds"
import { countUpTo, type Position } from "@onymous/identity/event/Position"
import type { History, Link } from "@onymous/timetravel/history/History"
import { beginning } from "../words/EscapedText.ts"
import type { PersonId } from "@onymous/identity/state/PersonId"

/** A person with its distinct ids, as of a moment. */
export type PersonThen = NonNullable<ReturnType<History["personAt"]>>

/** A title that is longer is cut: a client may call somebody by a whole book. */
const titleMax = 120

const textIn = (properties: Json.JsonObject, key: string): string | undefined => {
  const value = Json.get(properties, key)
  return typeof value === "string" && value.trim() !== "" ? beginning(value, titleMax) : undefined
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

/** An event that a client has sent. */
export type Sent = Recorded & { readonly event: Captured }

const isSent = (recorded: Recorded): recorded is Sent => recorded.event._tag === "Captured"

/** What does not depend on the moment: it is found once, and each step of the playhead looks it up. */
interface IdIndex {
  /** The events that were sent with each id, in order. */
  readonly sent: ReadonlyMap<DistinctId, ReadonlyArray<Sent>>
  /** Where each id was named first. */
  readonly seen: ReadonlyMap<DistinctId, Position>
  /** The link that brought each id to others: of two new ones, the source. */
  readonly joins: ReadonlyMap<DistinctId, Link>
}

const uniting = new Set<string>(["created", "attached", "merged"])

const joinsOf = (history: History): IdIndex["joins"] => {
  const joins = new Map<DistinctId, Link>()
  for (const link of history.linksAt()) {
    if (!uniting.has(link.outcome)) continue
    const isTargetNew =
      link.outcome === "attached" &&
      history.componentAt(link.target, link.position - 1) === undefined
    const newcomer = isTargetNew ? link.target : link.source
    if (!joins.has(newcomer)) joins.set(newcomer, link)
  }
  return joins
}

const indexOf = (history: History): IdIndex => {
  const sent = new Map<DistinctId, Array<Sent>>()
  const seen = new Map<DistinctId, Position>()
  for (const recorded of history.log) {
    for (const id of namedBy(recorded.event)) if (!seen.has(id)) seen.set(id, recorded.position)
    if (!isSent(recorded)) continue
    const known = sent.get(recorded.event.distinctId)
    if (known === undefined) sent.set(recorded.event.distinctId, [recorded])
    else known.push(recorded)
  }
  return { sent, seen, joins: joinsOf(history) }
}

const indexes = new WeakMap<History, IdIndex>()

const indexIn = (history: History): IdIndex => {
  const index = indexes.get(history) ?? indexOf(history)
  indexes.set(history, index)
  return index
}

/** The events that were sent with an id, in order. */
export const sentWith = (history: History, id: DistinctId): ReadonlyArray<Sent> =>
  indexIn(history).sent.get(id) ?? []

/** How many events were sent with some ids, up to a position. */
export const countEvents = (history: History, ids: Iterable<DistinctId>, at: number): number => {
  let count = 0
  for (const id of ids) count += countUpTo(sentWith(history, id), at)
  return count
}

/** Events in the order of the log, up to a position, that were sent with one of these ids. */
export const eventsOf = (
  history: History,
  ids: ReadonlySet<DistinctId>,
  at: number,
): ReadonlyArray<Sent> => {
  const found: Array<Sent> = []
  for (const recorded of history.log) {
    if (recorded.position > at) break
    if (isSent(recorded) && ids.has(recorded.event.distinctId)) found.push(recorded)
  }
  return found
}

/** What is known of one of a person's ids. */
export interface IdFacts {
  readonly id: DistinctId
  readonly firstSeen: number | undefined
  /** The link that brought it in; undefined for the id that the others came to. */
  readonly joinedBy: Link | undefined
  readonly events: number
}

/** The ids of a person at a position: since when, by what, and with how many events. */
export const idsOf = (
  history: History,
  { distinctIds }: PersonThen,
  at: number,
): ReadonlyArray<IdFacts> => {
  const { sent, seen, joins } = indexIn(history)
  return distinctIds
    .map((id) => {
      const join = joins.get(id)
      return {
        id,
        firstSeen: seen.get(id),
        joinedBy: join !== undefined && join.position <= at ? join : undefined,
        events: countUpTo(sent.get(id) ?? [], at),
      }
    })
    .toSorted((a, b) => (a.firstSeen ?? 0) - (b.firstSeen ?? 0))
}
