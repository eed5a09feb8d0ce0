import { Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"
import * as Json from "@onymous/identity/encoding/Json"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import type { ActsQuestion } from "../EventLog.ts"
import {
  type Mark,
  type PastQuestion,
  type PastSize,
  type Sender,
  versionLengthMax,
} from "../LogLookups.ts"
import { bytesMax } from "../paging/BoundedPage.ts"
import * as EventRow from "./EventRow.ts"

/** A position that no log reaches. */
const latest = Position(Number.MAX_SAFE_INTEGER)

/** The events at these positions, in order. */
export const readAt = Effect.fn("EventLog.readAt")(function* (
  sql: Sql,
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  if (positions.length === 0) return []
  const rows = yield* sql<EventRow.EventRow>`
    select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where project_id = ${project} and position = any(${PgArrays.positions(positions)}::bigint[])
    order by events.position`
  return rows.map(EventRow.fromRow)
})

interface MarkRow {
  readonly position: number
  readonly recorded_at: number
  readonly uuid: string
  readonly distinct_id: string | null
  readonly source_id: string | null
}

const toMark = (row: MarkRow): Mark => ({
  position: Position(row.position),
  recordedAt: row.recorded_at,
  uuid: row.uuid,
  ids: [row.distinct_id, row.source_id].flatMap((id) => (id === null ? [] : DistinctId(id))),
})

/** The events at these positions, in order, without their facts. */
export const marksAt = Effect.fn("EventLog.marksAt")(function* (
  sql: Sql,
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  if (positions.length === 0) return []
  const rows = yield* sql<MarkRow>`
    select position, recorded_at, uuid, distinct_id, source_id from ${sql.ours("events")}
    where project_id = ${project} and position = any(${PgArrays.positions(positions)}::bigint[])
    order by events.position`
  return rows.map(toMark)
})

interface SenderRow {
  readonly position: number
  readonly facts: string
  readonly version: string | null
}

/** The libraries that sent the events at these positions, in order, as far as the events say so. */
export const sendersAt = Effect.fn("EventLog.sendersAt")(function* (
  sql: Sql,
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  if (positions.length === 0) return []
  const rows = yield* sql<SenderRow>`
    select position, facts::text as facts,
      case when json_typeof(payload #> '{properties,$lib_version}') = 'string'
        then left(payload #>> '{properties,$lib_version}', ${versionLengthMax}) end as version
    from ${sql.ours("events")}
    where project_id = ${project} and position = any(${PgArrays.positions(positions)}::bigint[])
      and facts::text like '%"lib"%'
    order by events.position`
  // Parsed here, because Postgres refuses the half of a character that an earlier version has stored in a name.
  return rows.flatMap(({ position, facts, version }): ReadonlyArray<Sender> => {
    const library = Json.get(ExactJson.parseObject(facts), "lib")
    if (typeof library !== "string") return []
    return [{ position: Position(position), library, version: version ?? undefined }]
  })
})

/** The position of the event with a uuid. */
export const positionOf = Effect.fn("EventLog.positionOf")(function* (
  sql: Sql,
  project: ProjectId,
  uuid: string,
) {
  const rows = yield* sql<{ readonly position: number }>`
    select position from ${sql.ours("events")} where uuid = ${uuid}::text::uuid and project_id = ${project}`
  return rows[0] && Position(rows[0].position)
})

/** The last position recorded at or before a time, found by halving, because times never go back along the log. */
export const positionAt = Effect.fn("EventLog.positionAt")(function* (
  sql: Sql,
  project: ProjectId,
  time: number,
) {
  const heads = yield* sql<{ readonly position: number }>`
    select position from ${sql.ours("projects")} where id = ${project}`
  let [low, high] = [0, heads[0]?.position ?? 0]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const rows = yield* sql<{ readonly recorded_at: number }>`
      select recorded_at from ${sql.ours("events")} where project_id = ${project} and position = ${middle}`
    const recordedAt = rows[0]?.recorded_at ?? Number.POSITIVE_INFINITY
    if (recordedAt <= time) low = middle
    else high = middle - 1
  }
  return Position(low)
})

/** The events that name one of these distinct ids and every change of policy, in order. */
export const readOf = Effect.fn("EventLog.readOf")(function* (
  sql: Sql,
  { project, ids, until }: PastQuestion,
) {
  const rows = yield* sql<EventRow.EventRow>`
    select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where distinct_id = any(${PgArrays.texts([...ids])}::text[]) and project_id = ${project}
      and position <= ${until}
    union all
    select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where source_id = any(${PgArrays.texts([...ids])}::text[]) and project_id = ${project}
      and position <= ${until} and not distinct_id = any(${PgArrays.texts([...ids])}::text[])
    union all
    select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where kind = 'policy_changed' and project_id = ${project} and position <= ${until}
    order by position`
  return rows.map(EventRow.fromRow)
})

/** The number of events of these distinct ids; reads at most one more than `max` of each kind. */
export const sizeOf = Effect.fn("EventLog.sizeOf")(function* (
  sql: Sql,
  { project, ids, until, max }: PastQuestion & { readonly max: number },
) {
  const named = PgArrays.texts([...ids])
  const [row] = yield* sql<PastSize>`
    select count(*)::integer as events, coalesce(sum(octet_length(facts::text)), 0)::float8 as bytes from (
      (select facts from ${sql.ours("events")}
        where distinct_id = any(${named}::text[]) and project_id = ${project} and position <= ${until}
        limit ${max + 1})
      union all
      (select facts from ${sql.ours("events")}
        where source_id = any(${named}::text[]) and project_id = ${project}
          and position <= ${until} and not distinct_id = any(${named}::text[])
        limit ${max + 1})
      union all
      (select facts from ${sql.ours("events")}
        where kind = 'policy_changed' and project_id = ${project} and position <= ${until}
        limit ${max + 1})
    ) past`
  return row ?? { events: 0, bytes: 0 }
})

/** Operators' acts, newest first; with `after`, oldest first. */
export const readActs = Effect.fn("EventLog.readActs")(function* (
  sql: Sql,
  { project, after, before = latest, limit }: ActsQuestion,
) {
  const order = sql.literal(after === undefined ? "desc" : "asc")
  const rows = yield* sql<EventRow.EventRow>`
    select ${sql.literal(EventRow.columns)}
    from (select page.*, sum(octet_length(facts::text)) over (
        order by position ${order} rows between unbounded preceding and 1 preceding
      ) as bytes_before
      from (select * from ${sql.ours("events")}
        where kind in ('operated', 'policy_changed') and project_id = ${project}
          and position < ${before} and position > ${after ?? 0}
        order by position ${order} limit ${limit}) page
    ) sized
    where coalesce(bytes_before, 0) < ${bytesMax}
    order by sized.position ${order}`
  return rows.map(EventRow.fromRow)
})

/**
 * The first position recorded at or after each of these times, all found in one statement. Steps alternate: one goes
 * where an even log would have the time, which is near, because clients send day and night; the next one halves what
 * is left, whatever the log is like.
 */
export const firstAt = Effect.fn("EventLog.firstAt")(function* (
  sql: Sql,
  project: ProjectId,
  times: ReadonlyArray<number>,
) {
  if (times.length === 0) return []
  const events = sql.ours("events")
  const rows = yield* sql<{ readonly first: number }>`
    with recursive search (number, time, low, low_at, high, high_at, guesses) as (
      select number, time, 0::bigint, earliest.recorded_at, p.position + 1, latest.recorded_at, true
      from unnest(${PgArrays.times(times)}::timestamptz[]) with ordinality as t (time, number),
        ${sql.ours("projects")} p
        left join ${events} earliest on earliest.project_id = p.id and earliest.position = 1
        left join ${events} latest on latest.project_id = p.id and latest.position = p.position
      where p.id = ${project}
      union all
      select number, time,
        case when e.recorded_at < time then probe else low end,
        case when e.recorded_at < time then e.recorded_at else low_at end,
        case when e.recorded_at < time then high else probe end,
        case when e.recorded_at < time then high_at else e.recorded_at end,
        not guesses
      from search
      cross join lateral (
        select case when guesses and high_at > low_at
          then low + floor((high - low) * least(1, greatest(0,
            date_part('epoch', time - low_at) / date_part('epoch', high_at - low_at))))::bigint
          else (low + high) / 2 end as guess) g
      cross join lateral (select least(greatest(guess, low + 1), high - 1) as probe) b
      join ${events} e on e.project_id = ${project} and e.position = b.probe
      where high - low > 1
    )
    select high as first from search where high - low = 1 order by number`
  return rows.map(({ first }) => Position(first))
})

/** The uuid of the event at a position. */
export const uuidAt = Effect.fn("EventLog.uuidAt")(function* (
  sql: Sql,
  project: ProjectId,
  position: Position,
) {
  const rows = yield* sql<{ readonly uuid: string }>`
    select uuid from ${sql.ours("events")} where project_id = ${project} and position = ${position}`
  return rows[0]?.uuid
})
