import { Result } from "effect"
import { DistinctId } from "@onymous/identity/DistinctId"
import type { Event, Facts, Incoming, Recorded } from "@onymous/identity/Event"
import * as Policy from "@onymous/identity/Policy"
import { Position } from "@onymous/identity/Position"
import type { PgTypes } from "@effect/sql-pg"
import * as Columns from "./Columns.ts"

/** An event as the table holds it; json columns as text, so that no key of theirs is lost. */
export interface EventRow {
  readonly position: bigint
  readonly uuid: string
  readonly kind: string
  readonly recorded_at: Date
  readonly name: string | null
  readonly distinct_id: string | null
  readonly source_id: string | null
  readonly client_timestamp: string | null
  readonly sent_at: string | null
  readonly client_offset: number | null
  readonly facts: string | null
}

/** The columns of an `EventRow`. */
export const columns = `position, uuid, kind, recorded_at, name, distinct_id, source_id,
  client_timestamp, sent_at, client_offset, facts::text as facts`

const isEmpty = (facts: Facts): boolean => Object.keys(facts).length === 0

/** New events as columns, in the order in which the insert names them. */
export const toColumns = (incoming: ReadonlyArray<Incoming>): ReadonlyArray<PgTypes.Parameter> => {
  const captured = incoming.map(({ event }) => (event._tag === "Captured" ? event : undefined))
  const facts = incoming.map(({ event }) => {
    if (event._tag === "PolicyChanged") return JSON.stringify(event.change)
    return isEmpty(event.facts) ? null : JSON.stringify(event.facts)
  })
  return [
    Columns.uuids(incoming.map(({ event }) => event.uuid)),
    Columns.texts(incoming.map(({ event }) => kindOf(event))),
    Columns.texts(captured.map((event) => event?.name ?? null)),
    Columns.texts(captured.map((event) => event?.distinctId ?? null)),
    Columns.texts(captured.map((event) => event?.source ?? null)),
    Columns.texts(captured.map((event) => event?.timestamp ?? null)),
    Columns.texts(captured.map((event) => event?.sentAt ?? null)),
    Columns.floats(captured.map((event) => event?.offset ?? null)),
    Columns.texts(facts),
    Columns.texts(incoming.map(({ payload }) => payload)),
  ]
}

const kindOf = (event: Event): string => (event._tag === "Captured" ? "captured" : "policy_changed")

/** The event of a row. */
export const fromRow = (row: EventRow): Recorded => ({
  position: Position(Number(row.position)),
  recordedAt: row.recorded_at.getTime(),
  event: row.kind === "policy_changed" ? policyChanged(row) : captured(row),
})

const captured = (row: EventRow): Event => {
  const facts: Facts = row.facts === null ? {} : JSON.parse(row.facts)
  return {
    _tag: "Captured",
    uuid: row.uuid,
    name: row.name ?? "",
    distinctId: DistinctId(row.distinct_id ?? ""),
    ...(row.source_id !== null && { source: DistinctId(row.source_id) }),
    ...(row.client_timestamp !== null && { timestamp: row.client_timestamp }),
    ...(row.sent_at !== null && { sentAt: row.sent_at }),
    ...(row.client_offset !== null && { offset: row.client_offset }),
    facts,
  }
}

const policyChanged = (row: EventRow): Event => ({
  _tag: "PolicyChanged",
  uuid: row.uuid,
  // Only what was decoded is ever written: anything else is a defect.
  change: Result.getOrThrow(Policy.decode(JSON.parse(row.facts ?? "{}"))),
})
