import type { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Columns from "./Columns.ts"
import * as EventRow from "./EventRow.ts"

type Sql = PgClient.PgClient

/** The events at these positions, in order. */
export const readAt = Effect.fn("EventLog.readAt")(function* (
  sql: Sql,
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  if (positions.length === 0) return []
  const rows = yield* sql<EventRow.EventRow>`
    select ${sql.literal(EventRow.columns)} from events
    where project_id = ${project} and position = any(${Columns.positions(positions)}::bigint[])
    order by position`
  return rows.map(EventRow.fromRow)
})

/** Where the event with a uuid lies. */
export const positionOf = Effect.fn("EventLog.positionOf")(function* (
  sql: Sql,
  project: ProjectId,
  uuid: string,
) {
  const rows = yield* sql<{ readonly position: bigint }>`
    select position from events where uuid = ${uuid}::text::uuid and project_id = ${project}`
  return rows[0] && Position(Number(rows[0].position))
})

/** Times never go back from one position to the next: half of what is left is ruled out at each look. */
export const positionAt = Effect.fn("EventLog.positionAt")(function* (
  sql: Sql,
  project: ProjectId,
  time: number,
) {
  const heads = yield* sql<{ readonly position: bigint }>`
    select position from projects where id = ${project}`
  let [low, high] = [0, Number(heads[0]?.position ?? 0)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const rows = yield* sql<{ readonly recorded_at: Date }>`
      select recorded_at from events where project_id = ${project} and position = ${middle}`
    const recordedAt = rows[0]?.recorded_at.getTime() ?? Number.POSITIVE_INFINITY
    if (recordedAt <= time) low = middle
    else high = middle - 1
  }
  return Position(low)
})

/** The uuid of the event at a position. */
export const uuidAt = Effect.fn("EventLog.uuidAt")(function* (
  sql: Sql,
  project: ProjectId,
  position: Position,
) {
  const rows = yield* sql<{ readonly uuid: string }>`
    select uuid from events where project_id = ${project} and position = ${position}`
  return rows[0]?.uuid
})
