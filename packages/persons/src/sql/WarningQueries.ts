import { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { Position } from "@onymous/identity/event/Position"
import type { WarningType } from "@onymous/identity/state/Warning"
import { shownMax } from "../Persons.ts"
import type { RaisedWarning, WarningsQuestion } from "../Persons.ts"
import * as SearchPattern from "./search/SearchPattern.ts"
import { liveOf } from "./editions/SqlEditions.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

interface WarningRow {
  readonly type: WarningType
  readonly position: number
  readonly from_position: number
  readonly ordinal: number
  readonly at: number
  readonly event_uuid: string
  readonly details: string
}

const columns = "type, position, from_position, ordinal, at, event_uuid, details::text as details"

const toWarning = (row: WarningRow): RaisedWarning => ({
  type: row.type,
  position: Position(row.position),
  raisedAt: Position(row.from_position),
  at: row.at,
  eventUuid: row.event_uuid,
  details: ExactJson.parseObject(row.details),
})

/** True, in SQL, where the type or one of the details, which are flat, contains a text. */
const isFound = (sql: Sql, search: string) => {
  const pattern = SearchPattern.inText(search)
  return sql`(type collate "C" ~ ${pattern}::text or exists (
    select 1 from json_each_text(details) d where d.value collate "C" ~ ${pattern}::text))`
}

/** True, in SQL, for rows that hold now, or that held at a position. */
const holdsAt = (sql: Sql, at: Position | undefined) =>
  at === undefined
    ? sql`to_position is null`
    : sql`from_position <= ${at} and coalesce(to_position > ${at}, true)`

const chosen = (sql: Sql, question: WarningsQuestion) => {
  const { project, type, search = "", distinctId, since, at } = question
  return sql.and([
    sql`edition = ${liveOf(sql, project)}`,
    holdsAt(sql, at),
    ...(type === undefined ? [] : [sql`type = ${type}`]),
    ...(since === undefined ? [] : [sql`at >= ${PgTypes.timestamptz(since)}`]),
    ...(search === "" ? [] : [isFound(sql, search)]),
    ...(distinctId === undefined
      ? []
      : [sql`exists (select 1 from json_each_text(details) d where d.value = ${distinctId})`]),
  ])
}

/** Warnings by type, with counts by day and the newest ones. */
export const warningGroups = Effect.fnUntraced(function* (question: WarningsQuestion) {
  const sql = yield* SchemaClient
  const where = chosen(sql, question)
  const days = yield* sql<{ readonly type: WarningType; day: string; count: number; last: number }>`
    select type, to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, count(*)::int as count,
      max(at) as last
    from ${sql.ours("warnings")} where ${where} group by type, day order by day`
  const rows = yield* sql<WarningRow>`
    select * from (
      select ${sql.literal(columns)}, row_number() over (
        partition by type order by from_position desc, position desc, ordinal desc) as recency
      from ${sql.ours("warnings")} where ${where}
    ) numbered
    where recency <= ${shownMax}
    order by from_position desc, position desc, ordinal desc`
  const shown = Map.groupBy(rows, (row) => row.type)
  return [...Map.groupBy(days, (row) => row.type)]
    .map(([type, daily]) => ({
      type,
      count: daily.reduce((sum, { count }) => sum + count, 0),
      lastSeen: daily.reduce((last, row) => Math.max(last, row.last), 0),
      daily: daily.map(({ day, count }) => ({ day, count })),
      warnings: (shown.get(type) ?? []).map(toWarning),
    }))
    .toSorted((a, b) => b.lastSeen - a.lastSeen || (a.type < b.type ? -1 : 1))
})

/** Warnings in the order in which they were raised; a page never cuts through those of one position. */
export const warnings = Effect.fnUntraced(function* (
  question: WarningsQuestion & { readonly after: Position; readonly limit: number },
) {
  const sql = yield* SchemaClient
  const rows = yield* sql<WarningRow>`
    select ${sql.literal(columns)} from ${sql.ours("warnings")}
    where ${chosen(sql, question)} and from_position > ${question.after}
    order by from_position fetch first ${question.limit} rows with ties`
  return rows
    .toSorted(
      (a, b) =>
        a.from_position - b.from_position || a.position - b.position || a.ordinal - b.ordinal,
    )
    .map(toWarning)
})
