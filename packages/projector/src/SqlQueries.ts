import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { DistinctId } from "@onymous/identity/DistinctId"
import type { JsonObject } from "@onymous/identity/Json"
import { PersonId } from "@onymous/identity/PersonId"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Cursor from "./Cursor.ts"
import type { PersonView } from "./Persons.ts"
import { liveOf } from "./SqlEditions.ts"

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
    where m.edition = p.edition and m.to_position is null and m.component = coalesce(
      (select c.component from components c where c.edition = p.edition
        and c.person_id = p.person_id and c.to_position is null), p.person_id)
  ) as distinct_ids`

/** The person that a distinct id leads to. */
export const find = Effect.fnUntraced(function* (project: ProjectId, id: DistinctId) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<PersonRow>`
    select ${sql.literal(personColumns)}
    from memberships own
    left join components c on c.edition = own.edition and c.component = own.component
      and c.to_position is null
    join persons p on p.edition = own.edition
      and p.person_id = coalesce(c.person_id, own.component) and p.to_position is null
    where own.edition = ${liveOf(sql, project)} and own.distinct_id = ${id} and own.to_position is null`
  return rows[0] && toView(rows[0])
})

/** A text as the pattern of `ilike` that finds it anywhere. */
export const pattern = (search: string): string => `%${search.replace(/[\\%_]/g, "\\$&")}%`

/** Persons, newest first, by pages of a keyset: the cursor is the last row's sort key. */
export const list = Effect.fnUntraced(function* (question: {
  readonly project: ProjectId
  readonly search?: string
  readonly limit: number
  readonly cursor?: string
}) {
  const sql = yield* SqlClient.SqlClient
  const cursor = yield* Cursor.read(question.cursor)
  const createdAt = cursor === undefined ? null : new Date(cursor.createdAt).toISOString()
  const searched = question.search === undefined ? null : pattern(question.search)
  const rows = yield* sql<PersonRow>`
    select ${sql.literal(personColumns)}
    from persons p
    where p.edition = ${liveOf(sql, question.project)} and p.to_position is null
      and (${createdAt}::text is null or (p.created_at, p.person_id)
        < (${createdAt}::text::timestamptz, ${cursor?.id ?? null}::text::uuid))
      and (${searched}::text is null or p.properties::text ilike ${searched}::text or exists (
        select 1 from memberships m
        left join components c on c.edition = m.edition and c.component = m.component
          and c.to_position is null
        where m.edition = p.edition and m.to_position is null
          and coalesce(c.person_id, m.component) = p.person_id
          and m.distinct_id ilike ${searched}::text))
    order by p.created_at desc, p.person_id desc
    limit ${question.limit + 1}`
  const results = rows.slice(0, question.limit).map(toView)
  const last = results.at(-1)
  const next = rows.length > question.limit && last ? Cursor.of(last) : undefined
  return { results, next }
})
