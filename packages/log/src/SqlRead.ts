import type { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import * as Columns from "./Columns.ts"
import type { EventLog } from "./EventLog.ts"
import * as EventRow from "./EventRow.ts"

/** How long the facts of a page may be together, in characters: large events make short pages. */
const readLengthMax = 16_000_000

/** Facts that are longer, in characters, are read once it is known that the page has room for them. */
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

/** The events after a position, in order: as many as were asked for, or as fit into memory. */
export const read = Effect.fn("EventLog.read")(function* (
  sql: PgClient.PgClient,
  { project, after, limit }: Parameters<EventLog["Service"]["read"]>[0],
) {
  const rows = fitting(
    yield* sql<Row>`
      select ${sql.literal(EventRow.narrowColumns)},
        case when length(facts::text) <= ${largeLength} then facts::text end as facts,
        case when length(facts::text) > ${largeLength} then length(facts::text) end as large
      from events where project_id = ${project} and position > ${after}
      order by position limit ${limit}`,
  )
  const large = rows.filter((row) => row.large !== null)
  if (large.length === 0) return rows.map(EventRow.fromRow)
  const positions = Columns.positions(large.map(({ position }) => Number(position)))
  const found = yield* sql<LargeRow>`
    select position, facts::text as facts from events
    where project_id = ${project} and position = any(${positions}::bigint[])`
  const factsAt = new Map(found.map(({ position, facts }) => [position, facts]))
  return rows.map((row) => {
    const facts = factsAt.get(row.position)
    return EventRow.fromRow(facts === undefined ? row : { ...row, facts })
  })
})
