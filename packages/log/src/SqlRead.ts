import type { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import * as Columns from "./Columns.ts"
import type { EventLog } from "./EventLog.ts"
import * as EventRow from "./EventRow.ts"

/** How long the facts of a page may be together, in bytes: large events make short pages. */
const readLengthMax = 16_000_000

/** Facts that are longer, in bytes, are read once it is known that the page has room for them. */
const largeLength = 8000

interface Row extends EventRow.EventRow {
  /** The length of facts that were left out. */
  readonly large: number | null
}

interface LargeRow {
  readonly position: bigint
  readonly facts: string
}

/** The rows that fit into a page; at least one. */
const fitting = (rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  let length = 0
  const end = rows.findIndex(({ facts, large }, index) => {
    length += large ?? facts?.length ?? 0
    return index > 0 && length > readLengthMax
  })
  return end === -1 ? rows : rows.slice(0, end)
}

const text = (value: unknown): string | null => (typeof value === "string" ? value : null)

const number = (value: unknown): number | null => (typeof value === "number" ? value : null)

/** The row of an event from its values: the driver takes twice as long to name them. */
const toRow = (values: ReadonlyArray<unknown>): Row => {
  const [position, recordedAt] = values
  if (typeof position !== "bigint" || !(recordedAt instanceof Date)) {
    throw new Error("An event has a position and a time.")
  }
  return {
    position,
    recorded_at: recordedAt,
    uuid: text(values[2]) ?? "",
    kind: text(values[3]) ?? "",
    name: text(values[4]),
    distinct_id: text(values[5]),
    source_id: text(values[6]),
    client_timestamp: text(values[7]),
    sent_at: text(values[8]),
    client_offset: number(values[9]),
    facts: text(values[10]),
    large: number(values[11]),
  }
}

/** The events after a position, in order: as many as were asked for, or as fit into memory. */
export const read = Effect.fn("EventLog.read")(function* (
  sql: PgClient.PgClient,
  { project, after, limit }: Parameters<EventLog["Service"]["read"]>[0],
) {
  const found = yield* sql`
    select position, recorded_at, uuid, kind, name, distinct_id, source_id, client_timestamp,
      sent_at, client_offset,
      case when octet_length(facts::text) <= ${largeLength} then facts::text end,
      case when octet_length(facts::text) > ${largeLength} then octet_length(facts::text) end
    from events where project_id = ${project} and position > ${after}
    order by position limit ${limit}`.values
  const rows = fitting(found.map(toRow))
  const large = rows.filter((row) => row.large !== null)
  if (large.length === 0) return rows.map(EventRow.fromRow)
  const positions = Columns.positions(large.map(({ position }) => Number(position)))
  const largeFacts = yield* sql<LargeRow>`
    select position, facts::text as facts from events
    where project_id = ${project} and position = any(${positions}::bigint[])`
  const factsAt = new Map(largeFacts.map(({ position, facts }) => [position, facts]))
  return rows.map((row) => {
    const facts = factsAt.get(row.position)
    return EventRow.fromRow(facts === undefined ? row : { ...row, facts })
  })
})
