import { Result } from "effect"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Event, Facts, Incoming, Recorded } from "@onymous/identity/event/Event"
import type * as Json from "@onymous/identity/encoding/Json"
import * as PolicyChange from "@onymous/identity/policy/PolicyChange"
import { Position } from "@onymous/identity/event/Position"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as Seal from "../Seal.ts"

/** The narrow columns of an event. */
export interface Narrow extends Omit<Seal.Sealed, "facts" | "payload"> {
  readonly position: number
  /** Epoch milliseconds. */
  readonly recorded_at: number
}

/** The row of an event; JSON columns as text, so that no key is lost. */
export interface EventRow extends Narrow {
  readonly facts: string | null
}

/** The columns of an `EventRow`. */
export const columns = `position, uuid, kind, recorded_at, name, distinct_id, source_id,
  client_timestamp, sent_at, client_offset, facts::text as facts`

const isEmpty = (facts: Facts): boolean => Object.keys(facts).length === 0

/** The row of a new event. */
export const rowOf = ({ event, payload }: Incoming): Seal.Sealed => {
  const client = event._tag === "Captured" ? event : undefined
  return {
    uuid: event.uuid,
    kind: kindOf(event),
    name: client?.name ?? null,
    distinct_id: "distinctId" in event ? event.distinctId : null,
    source_id: ("source" in event ? event.source : null) ?? null,
    client_timestamp: client?.timestamp ?? null,
    sent_at: client?.sentAt ?? null,
    client_offset: client?.offset ?? null,
    facts: factsOf(event),
    payload,
  }
}

/** New events as columns, in the order in which the insert names them, and their checksums. */
export const toColumns = (incoming: ReadonlyArray<Incoming>) => {
  const rows = incoming.map(rowOf)
  const columns = [
    PgArrays.uuids(rows.map((row) => row.uuid)),
    PgArrays.texts(rows.map((row) => row.kind)),
    PgArrays.texts(rows.map((row) => row.name)),
    PgArrays.texts(rows.map((row) => row.distinct_id)),
    PgArrays.texts(rows.map((row) => row.source_id)),
    PgArrays.texts(rows.map((row) => row.client_timestamp)),
    PgArrays.texts(rows.map((row) => row.sent_at)),
    PgArrays.floats(rows.map((row) => row.client_offset)),
    PgArrays.texts(rows.map((row) => row.facts)),
    PgArrays.texts(rows.map((row) => row.payload)),
  ] as const
  return { columns, checksums: PgArrays.positions(rows.map(Seal.checksumOf)) }
}

/** New events with their checksums as one JSON text: columns by their names, and JSON columns as texts. */
export const toJson = (incoming: ReadonlyArray<Incoming>): string =>
  JSON.stringify(
    incoming.map((each) => {
      const row = rowOf(each)
      return { ...row, checksum: Seal.checksumOf(row) }
    }),
  )

/** The kind of an event; all operators' acts are of one kind, and their facts tell them apart. */
const kindOf = ({ _tag }: Event) => {
  switch (_tag) {
    case "Captured":
      return "captured"
    case "PolicyChanged":
      return "policy_changed"
    case "Ticked":
      return "ticked"
    default:
      return "operated"
  }
}

/** The facts of an event: what identity reads of it beside the narrow columns. */
const factsOf = (event: Event): string | null => {
  switch (event._tag) {
    case "Captured":
      return isEmpty(event.facts) ? null : JSON.stringify(event.facts)
    case "PolicyChanged":
      return JSON.stringify(event.change)
    case "Ticked":
      return null
    default:
      return JSON.stringify(OperatorCommand.encode(event))
  }
}

/** The event of a row. */
export const fromRow = (row: EventRow): Recorded =>
  fromParsed(row, row.facts === null ? null : ExactJson.parseObject(row.facts))

/** The event of a row whose facts are parsed already. */
export const fromParsed = (row: Narrow, facts: Json.JsonObject | null): Recorded => ({
  position: Position(row.position),
  recordedAt: row.recorded_at,
  event: eventOf(row, facts ?? noFacts),
})

const noFacts = {}

const eventOf = (row: Narrow, facts: Json.JsonObject): Event => {
  switch (row.kind) {
    case "captured":
      return capturedOf(row, facts)
    case "policy_changed":
      return { _tag: "PolicyChanged", uuid: row.uuid, change: orDefect(PolicyChange.decode(facts)) }
    case "ticked":
      return { _tag: "Ticked", uuid: row.uuid }
    case "operated":
      return orDefect(OperatorCommand.decode(facts, row.uuid))
    default:
      throw new Error(`Events of kind ${row.kind} were written by a later version.`)
  }
}

/** The decoded value of stored facts. Only decoded events are written, so a failure is a defect. */
const orDefect: <A>(decoded: Result.Result<A, unknown>) => A = Result.getOrThrow

/** Sets fields one by one, because this runs for every event that is read, and a spread would double its cost. */
const capturedOf = (row: Narrow, facts: Facts): Event => {
  const event: { -readonly [K in keyof Captured]: Captured[K] } = {
    _tag: "Captured",
    uuid: row.uuid,
    name: row.name ?? "",
    distinctId: DistinctId(row.distinct_id ?? ""),
    facts,
  }
  if (row.source_id !== null) event.source = DistinctId(row.source_id)
  if (row.client_timestamp !== null) event.timestamp = row.client_timestamp
  if (row.sent_at !== null) event.sentAt = row.sent_at
  if (row.client_offset !== null) event.offset = row.client_offset
  return event
}
