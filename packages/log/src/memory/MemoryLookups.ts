import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Event, Recorded } from "@onymous/identity/event/Event"
import { namedBy, namesOneOf } from "@onymous/identity/event/NamedIds"
import { isAct } from "@onymous/identity/event/Event"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ActsQuestion, PayloadQuestion, RecordedPayload } from "../EventLog.ts"
import {
  type Mark,
  type PastQuestion,
  type PastSize,
  type Sender,
  versionLengthMax,
} from "../LogLookups.ts"
import * as ActsPage from "../paging/ActsPage.ts"
import * as PayloadPage from "../paging/PayloadPage.ts"

/** A position that no log reaches. */
const latest = Position(Number.MAX_SAFE_INTEGER)

type Events = ReadonlyArray<RecordedPayload>

/** The events at these positions, in order. */
export const readAt = (events: Events, positions: ReadonlyArray<Position>) =>
  positions.toSorted((a, b) => a - b).flatMap((position) => events[position - 1] ?? [])

/** The events that name one of these distinct ids and every change of policy, in order. */
export const readOf = (events: Events, { ids, until }: PastQuestion): ReadonlyArray<Recorded> =>
  events.filter(
    ({ position, event }) =>
      position <= until && (event._tag === "PolicyChanged" || namesOneOf(event, ids)),
  )

/** The number of events of these distinct ids, and the bytes of their facts. */
export const sizeOf = (events: Events, question: PastQuestion): PastSize => {
  const past = readOf(events, question)
  const bytesOf = ({ event }: Recorded) =>
    event._tag === "Captured" && Object.keys(event.facts).length > 0
      ? Buffer.byteLength(JSON.stringify(event.facts))
      : 0
  return { events: past.length, bytes: past.reduce((sum, each) => sum + bytesOf(each), 0) }
}

/** The events at these positions, in order, without their facts. */
export const marksAt = (events: Events, positions: ReadonlyArray<Position>): ReadonlyArray<Mark> =>
  readAt(events, positions).map(({ position, recordedAt, event }) => ({
    position,
    recordedAt,
    uuid: event.uuid,
    ids: namedBy(event),
  }))

const versionOf = (payload: string): string | undefined => {
  const { $lib_version: version } = Object(Object(JSON.parse(payload)).properties)
  return typeof version === "string" ? version.slice(0, versionLengthMax) : undefined
}

/** The libraries that sent the events at these positions, in order, as far as the events say so. */
export const sendersAt = (
  events: Events,
  positions: ReadonlyArray<Position>,
): ReadonlyArray<Sender> =>
  readAt(events, positions).flatMap(({ position, event, payload }) =>
    event._tag !== "Captured" || event.facts.lib === undefined
      ? []
      : [{ position, library: event.facts.lib, version: versionOf(payload) }],
  )

/** Operators' acts, newest first; with `after`, oldest first. */
export const readActs = (
  events: ReadonlyArray<Recorded>,
  { after, before = latest, limit }: Pick<ActsQuestion, "after" | "before" | "limit">,
): ReadonlyArray<Recorded> => {
  const acts = events.filter(
    ({ position, event }) => position > (after ?? zero) && position < before && isAct(event),
  )
  return ActsPage.cut(after === undefined ? acts.slice(-limit).toReversed() : acts.slice(0, limit))
}

/** The position of the event with a uuid. */
export const positionOf = (events: Events, uuid: string): Position | undefined =>
  events.find(({ event }) => event.uuid === uuid.toLowerCase())?.position

/** The last position recorded at or before a time. */
export const positionAt = (events: Events, time: number): Position =>
  events.findLast(({ recordedAt }) => recordedAt <= time)?.position ?? zero

/** The first position recorded at or after each of these times. */
export const firstAt = (events: Events, times: ReadonlyArray<number>): ReadonlyArray<Position> =>
  times.map((time) => {
    let [low, high] = [0, events.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle]?.recordedAt ?? 0) < time) low = middle + 1
      else high = middle
    }
    return Position(low + 1)
  })

const idOf = (event: Event): DistinctId | undefined =>
  event._tag === "Captured" ? event.distinctId : undefined

/** The events that a question asks for. */
export const choose = (
  events: Events,
  { after = zero, before, distinctIds, descending, limit }: PayloadQuestion,
): Events => {
  const ids: ReadonlySet<DistinctId | undefined> = new Set(distinctIds)
  const chosen = events.filter(
    ({ position, event }) =>
      position > after &&
      (before === undefined || position < before) &&
      (distinctIds === undefined || ids.has(idOf(event))),
  )
  return PayloadPage.cut((descending === true ? chosen.toReversed() : chosen).slice(0, limit))
}
