import { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PersonsCursor from "../reading/PersonsCursor.ts"
import type { PersonsQuestion, PersonView } from "../Persons.ts"
import { liveOf } from "./editions/SqlEditions.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

interface PersonRow {
  readonly person_id: string
  readonly version: number
  readonly properties: string
  readonly is_identified: boolean
  readonly created_at: number
  readonly distinct_ids: ReadonlyArray<string>
}

const toView = (row: PersonRow): PersonView => ({
  id: PersonId(row.person_id),
  version: row.version,
  properties: ExactJson.parseObject(row.properties),
  isIdentified: row.is_identified,
  createdAt: row.created_at,
  distinctIds: row.distinct_ids.map(DistinctId).toSorted(),
})

/** The rows of an alias that hold now, or that held at a position. */
const held = (sql: Sql, alias: string, at: Position | undefined) => {
  const [from, to] = [sql.literal(`${alias}.from_position`), sql.literal(`${alias}.to_position`)]
  return at === undefined
    ? sql`${to} is null`
    : sql`${from} <= ${at} and coalesce(${to} > ${at}, true)`
}

/** The columns of a person `p`, with the ids of the one component that is the person's. */
const personColumns = (sql: Sql, at: Position | undefined) => sql`
  p.person_id, p.version, p.properties::text as properties, p.is_identified,
  p.created_at, array(
    select m.distinct_id from ${sql.ours("memberships")} m
    where m.edition = p.edition and ${held(sql, "m", at)} and m.component = coalesce(
      (select c.component from ${sql.ours("components")} c where c.edition = p.edition
        and c.person_id = p.person_id and ${held(sql, "c", at)}), p.person_id)
  ) as distinct_ids`

/**
 * The person that a distinct id leads to, or led to at a position: one version is read, however many there
 * are.
 */
export const find = Effect.fnUntraced(function* (
  project: ProjectId,
  id: DistinctId,
  at: Position | undefined,
) {
  const sql = yield* SchemaClient
  const isPast = at === undefined ? sql`` : sql`and from_position <= ${at}`
  const rows = yield* sql<PersonRow>`
    select ${personColumns(sql, at)}
    from ${sql.ours("memberships")} own
    left join ${sql.ours("components")} c on c.edition = own.edition and c.component = own.component
      and ${held(sql, "c", at)}
    cross join lateral (
      select * from ${sql.ours("persons")}
      where edition = own.edition and person_id = coalesce(c.person_id, own.component) ${isPast}
      order by from_position desc limit 1
    ) p
    where own.edition = ${liveOf(sql, project)} and own.distinct_id = ${id}
      and ${held(sql, "own", at)} and ${held(sql, "p", at)}`
  return rows[0] && toView(rows[0])
})

/** A text as the pattern of `ilike` that finds it anywhere. */
export const pattern = (search: string): string => `%${search.replace(/[\\%_]/g, "\\$&")}%`

/** Persons, newest first, by pages of a keyset: the cursor is the last row's sort key. */
export const list = Effect.fnUntraced(function* (question: PersonsQuestion) {
  const sql = yield* SchemaClient
  const { at } = question
  const cursor = yield* PersonsCursor.read(question.cursor)
  const createdAt = PgTypes.timestamptz(cursor?.createdAt ?? null)
  const searched = question.search === undefined ? null : pattern(question.search)
  const rows = yield* sql<PersonRow>`
    select ${personColumns(sql, at)}
    from ${sql.ours("persons")} p
    where p.edition = ${liveOf(sql, question.project)} and ${held(sql, "p", at)}
      and (${createdAt} is null or (p.created_at, p.person_id)
        < (${createdAt}, ${cursor?.id ?? null}::text::uuid))
      and (${searched}::text is null or p.properties::text ilike ${searched}::text or exists (
        select 1 from ${sql.ours("memberships")} m
        left join ${sql.ours("components")} c on c.edition = m.edition and c.component = m.component
          and ${held(sql, "c", at)}
        where m.edition = p.edition and ${held(sql, "m", at)}
          and coalesce(c.person_id, m.component) = p.person_id
          and m.distinct_id ilike ${searched}::text))
    order by p.created_at desc, p.person_id desc
    limit ${question.limit + 1}`
  const results = rows.slice(0, question.limit).map(toView)
  const last = results.at(-1)
  const next = rows.length > question.limit && last ? PersonsCursor.of(last) : undefined
  return { results, next }
})
