import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { DistinctId } from "@onymous/identity/DistinctId"
import type { JsonObject } from "@onymous/identity/Json"
import { PersonId } from "@onymous/identity/PersonId"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { isUuid } from "@onymous/identity/Uuid"
import type { Warning, WarningType } from "@onymous/identity/Warning"
import { warningsShownMax } from "./MemoryPersons.ts"
import * as Columns from "@onymous/log/Columns"
import { PersonsError, type PersonView } from "./Persons.ts"

interface PersonRow {
  readonly person_id: string
  readonly version: number
  readonly properties: string
  readonly is_identified: boolean
  readonly created_at: Date
  readonly distinct_ids: ReadonlyArray<string>
}

const toView = (row: PersonRow): PersonView => {
  const properties: JsonObject = JSON.parse(row.properties)
  return {
    id: PersonId(row.person_id),
    version: row.version,
    properties,
    isIdentified: row.is_identified,
    createdAt: row.created_at.getTime(),
    distinctIds: row.distinct_ids.map(DistinctId).toSorted(),
  }
}

/** The columns of a person `p`, with the ids of the one component that is the person's. */
const personColumns = `p.person_id, p.version, p.properties::text as properties, p.is_identified,
  p.created_at, array(
    select m.distinct_id from memberships m
    where m.project_id = p.project_id and m.to_position is null and m.component = coalesce(
      (select c.component from components c where c.project_id = p.project_id
        and c.person_id = p.person_id and c.to_position is null), p.person_id)
  ) as distinct_ids`

/** The person that a distinct id leads to. */
export const find = Effect.fnUntraced(function* (project: ProjectId, id: DistinctId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<PersonRow>`
    select ${sql.literal(personColumns)}
    from memberships own
    left join components c on c.project_id = own.project_id and c.component = own.component
      and c.to_position is null
    join persons p on p.project_id = own.project_id
      and p.person_id = coalesce(c.person_id, own.component) and p.to_position is null
    where own.project_id = ${project} and own.distinct_id = ${id} and own.to_position is null`
  return rows[0] && toView(rows[0])
})

const pattern = (search: string): string => `%${search.replace(/[\\%_]/g, "\\$&")}%`

/** Persons, newest first, by pages of a keyset: the cursor is the last row's sort key. */
export const list = Effect.fnUntraced(function* (question: {
  readonly project: ProjectId
  readonly search?: string
  readonly limit: number
  readonly cursor?: string
}) {
  const sql = yield* SqlClient.SqlClient
  const after = yield* readCursor(question.cursor)
  const searched = question.search === undefined ? null : pattern(question.search)
  const rows = yield* sql<PersonRow>`
    select ${sql.literal(personColumns)}
    from persons p
    where p.project_id = ${question.project} and p.to_position is null
      and (${after.createdAt}::text is null
        or (p.created_at, p.person_id) < (${after.createdAt}::text::timestamptz, ${after.id}::text::uuid))
      and (${searched}::text is null or p.properties::text ilike ${searched}::text or exists (
        select 1 from memberships m
        left join components c on c.project_id = m.project_id and c.component = m.component
          and c.to_position is null
        where m.project_id = p.project_id and m.to_position is null
          and coalesce(c.person_id, m.component) = p.person_id
          and m.distinct_id ilike ${searched}::text))
    order by p.created_at desc, p.person_id desc
    limit ${question.limit + 1}`
  const results = rows.slice(0, question.limit).map(toView)
  const last = results.at(-1)
  const next = rows.length > question.limit && last ? `${last.createdAt}_${last.id}` : undefined
  return { results, next }
})

const readCursor = (cursor: string | undefined) => {
  if (cursor === undefined) return Effect.succeed({ createdAt: null, id: null })
  const [time = "", id = ""] = cursor.split("_")
  return /^-?\d{1,15}$/.test(time) && isUuid(id)
    ? Effect.succeed({ createdAt: new Date(Number(time)).toISOString(), id })
    : Effect.fail(new PersonsError({ reason: { _tag: "InvalidCursor", cursor } }))
}

interface WarningRow {
  readonly type: WarningType
  readonly position: bigint
  readonly at: Date
  readonly event_uuid: string
  readonly details: string
}

const toWarning = (row: WarningRow): Warning => {
  const details: JsonObject = JSON.parse(row.details)
  return {
    type: row.type,
    position: Position(Number(row.position)),
    at: row.at.getTime(),
    eventUuid: row.event_uuid,
    details,
  }
}

/** Warnings by type with their number, the newest of each shown. */
export const warningGroups = Effect.fnUntraced(function* (question: {
  readonly project: ProjectId
  readonly type?: string
  readonly search?: string
  readonly distinctId?: string
}) {
  const sql = yield* SqlClient.SqlClient
  const searched = question.search === undefined ? null : pattern(question.search)
  const rows = yield* sql<WarningRow & { readonly count: bigint }>`
    select * from (
      select type, position, at, event_uuid, details::text as details, ordinal,
        count(*) over (partition by type) as count,
        row_number() over (partition by type order by position desc, ordinal desc) as recency
      from warnings
      where project_id = ${question.project}
        and (${question.type ?? null}::text is null or type = ${question.type ?? null}::text)
        and (${searched}::text is null or type ilike ${searched}::text
          or details::text ilike ${searched}::text)
        and (${question.distinctId ?? null}::text is null or exists (
          select 1 from json_each_text(details) d where d.value = ${question.distinctId ?? null}::text))
    ) numbered
    where recency <= ${warningsShownMax}
    order by position desc, ordinal desc`
  const groups = Map.groupBy(rows, (row) => row.type)
  return [...groups]
    .map(([type, all]) => ({
      type,
      count: Number(all[0]?.count ?? 0),
      lastSeen: Math.max(...all.map((row) => row.at.getTime())),
      warnings: all.map(toWarning),
    }))
    .toSorted((a, b) => b.lastSeen - a.lastSeen || (a.type < b.type ? -1 : 1))
})

/** Warnings in the order of the log; all those of an event or none. */
export const warnings = Effect.fnUntraced(function* (question: {
  readonly project: ProjectId
  readonly after: Position
  readonly limit: number
}) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<WarningRow & { readonly ordinal: number }>`
    select type, position, ordinal, at, event_uuid, details::text as details from warnings
    where project_id = ${question.project} and position > ${question.after}
    order by position fetch first ${question.limit} rows with ties`
  return rows
    .toSorted((a, b) => Number(a.position - b.position) || a.ordinal - b.ordinal)
    .map(toWarning)
})

/** Which of these positions hold dropped events. */
export const dropped = Effect.fnUntraced(function* (
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly position: bigint }>`
    select position from dropped_events
    where project_id = ${project} and position = any(${Columns.positions(positions)}::bigint[])`
  return new Set(rows.map((row) => Position(Number(row.position))))
})
