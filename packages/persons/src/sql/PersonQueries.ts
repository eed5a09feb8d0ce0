import { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import type { Statement } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { bytesMax } from "@onymous/log/paging/BoundedPage"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PersonsCursor from "../reading/PersonsCursor.ts"
import type { IdsQuestion, OwnedId, PersonsQuestion, PersonView } from "../Persons.ts"
import { PersonsPage } from "../reading/PersonsPage.ts"
import * as PersonSearch from "../reading/PersonSearch.ts"
import * as SearchPattern from "./search/SearchPattern.ts"
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

/** True, in SQL, for rows of an alias that hold now, or that held at a position. */
const holdsAt = (sql: Sql, alias: string, at: Position | undefined) => {
  const [from, to] = [sql.literal(`${alias}.from_position`), sql.literal(`${alias}.to_position`)]
  return at === undefined
    ? sql`${to} is null`
    : sql`${from} <= ${at} and coalesce(${to} > ${at}, true)`
}

/** The distinct ids of a person `p`, as an array. */
const idsOf = (sql: Sql, at: Position | undefined) => sql`array(
    select m.distinct_id from ${sql.ours("memberships")} m
    where m.edition = p.edition and ${holdsAt(sql, "m", at)} and m.component = coalesce(
      (select c.component from ${sql.ours("components")} c where c.edition = p.edition
        and c.person_id = p.person_id and ${holdsAt(sql, "c", at)}), p.person_id)
  )`

/** The columns of a person `p`, with its distinct ids. */
const personColumns = (sql: Sql, at: Position | undefined) => sql`
  p.person_id, p.version, p.properties::text as properties, p.is_identified,
  p.created_at, ${idsOf(sql, at)} as distinct_ids`

/** The person that a distinct id leads to, or led to at a position: reads one version, however many there are. */
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
      and ${holdsAt(sql, "c", at)}
    cross join lateral (
      select * from ${sql.ours("persons")}
      where edition = own.edition and person_id = coalesce(c.person_id, own.component) ${isPast}
      order by from_position desc limit 1
    ) p
    where own.edition = ${liveOf(sql, project)} and own.distinct_id = ${id}
      and ${holdsAt(sql, "own", at)} and ${holdsAt(sql, "p", at)}`
  return rows[0] && toView(rows[0])
})

/** The person with an id. */
export const findById = Effect.fnUntraced(function* (
  project: ProjectId,
  id: PersonId,
  at: Position | undefined,
) {
  const sql = yield* SchemaClient
  const isPast = at === undefined ? sql`` : sql`and from_position <= ${at}`
  const rows = yield* sql<PersonRow>`
    select ${personColumns(sql, at)}
    from (
      select * from ${sql.ours("persons")}
      where edition = ${liveOf(sql, project)} and person_id = ${id}::text::uuid ${isPast}
      order by from_position desc limit 1
    ) p
    where ${holdsAt(sql, "p", at)}`
  return rows[0] && toView(rows[0])
})

/** The first text, in the order of bytes, after all texts with a prefix; undefined where no text comes after them. */
const afterAll = (prefix: string): string | undefined => {
  const points = Array.from(prefix, (letter) => letter.codePointAt(0) ?? 0)
  while (points.length > 0) {
    const last = (points.pop() ?? 0) + 1
    // Half a surrogate pair is no text.
    const next = last >= 0xd800 && last <= 0xdfff ? 0xe000 : last
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next)
  }
  return undefined
}

/** The distinct ids with a prefix, as one range of the index. */
export const idsFrom = Effect.fnUntraced(function* ({ project, prefix, limit, at }: IdsQuestion) {
  const sql = yield* SchemaClient
  const end = afterAll(prefix)
  const isBefore = end === undefined ? sql`` : sql`and m.distinct_id < ${end}`
  const rows = yield* sql<{ readonly distinct_id: string; readonly person_id: string }>`
    select m.distinct_id, coalesce(c.person_id, m.component) as person_id
    from (
      select distinct_id, component, edition from ${sql.ours("memberships")} m
      where m.edition = ${liveOf(sql, project)} and m.distinct_id >= ${prefix} ${isBefore}
        and ${holdsAt(sql, "m", at)}
      order by m.distinct_id limit ${limit}
    ) m
    left join ${sql.ours("components")} c on c.edition = m.edition and c.component = m.component
      and ${holdsAt(sql, "c", at)}
    order by m.distinct_id`
  return rows.map((row): OwnedId => ({
    distinctId: DistinctId(row.distinct_id),
    personId: PersonId(row.person_id),
  }))
})

/** A range of a listing: the persons after one, up to and with another; unbounded where one is undefined. */
interface Range {
  readonly after: PersonsCursor.Cursor | undefined
  readonly until?: PersonsCursor.Cursor | undefined
}

/** The live persons `p` of a project in a range, in SQL. */
const inRange = (sql: Sql, { project, at }: PersonsQuestion, { after, until }: Range) => {
  const bound = (cursor: PersonsCursor.Cursor | undefined) => [
    PgTypes.timestamptz(cursor?.createdAt ?? null),
    sql`${cursor?.id ?? null}::text::uuid`,
  ]
  const [[newest, newestId], [oldest, oldestId]] = [bound(after), bound(until)]
  return sql`p.edition = ${liveOf(sql, project)} and ${holdsAt(sql, "p", at)}
    and (${newest} is null or (p.created_at, p.person_id) < (${newest}, ${newestId}))
    and (${oldest} is null or (p.created_at, p.person_id) >= (${oldest}, ${oldestId}))`
}

/**
 * The first persons of a range that meet a condition, newest first, and whether there may be more. The database cuts
 * the page, so that this process never holds more.
 */
const select = Effect.fnUntraced(function* (
  question: PersonsQuestion,
  range: Range,
  { condition, limit }: { readonly condition?: Statement.Fragment; readonly limit: number },
) {
  const sql = yield* SchemaClient
  const order = sql.literal("order by created_at desc, person_id desc")
  const rows = yield* sql<PersonRow & { readonly bytes: number }>`
    select * from (
      select page.*, own_bytes, sum(own_bytes) over (${order} rows unbounded preceding)::int8 as bytes
      from (select ${personColumns(sql, question.at)} from ${sql.ours("persons")} p
        where ${inRange(sql, question, range)} and ${condition ?? sql`true`}
        order by p.created_at desc, p.person_id desc limit ${limit}) page
      cross join lateral (
        select octet_length(properties) + pg_column_size(distinct_ids) as own_bytes
      ) sized
    ) page where bytes - own_bytes < ${bytesMax} ${order}`
  const isFull = rows.length === limit || (rows.at(-1)?.bytes ?? 0) >= bytesMax
  return { views: rows.map(toView), isFull }
})

/** Beyond this many persons found by their ids, each person is tested by itself, because some will come soon. */
const foundMax = 10_000

/** The persons with an id that contains a text; undefined where they are more than `foundMax`. */
const foundById = Effect.fnUntraced(function* ({ project, at }: PersonsQuestion, search: string) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly person_id: string }>`
    select coalesce(c.person_id, m.component) as person_id
    from ${sql.ours("memberships")} m
    left join ${sql.ours("components")} c on c.edition = m.edition and c.component = m.component
      and ${holdsAt(sql, "c", at)}
    where m.edition = ${liveOf(sql, project)} and ${holdsAt(sql, "m", at)}
      and m.distinct_id ~ ${SearchPattern.inText(search)}::text
    limit ${foundMax + 1}`
  return rows.length > foundMax ? undefined : rows.map((row) => row.person_id)
})

/** True, in SQL, for a person `p` with an id that contains a text, or with properties that meet its pattern. */
const isFound = (
  sql: Sql,
  { at }: PersonsQuestion,
  search: string,
  ids: ReadonlyArray<string> | undefined,
) => {
  const byId =
    ids === undefined
      ? sql`exists (select 1 from unnest(${idsOf(sql, at)}) id
          where id ~ ${SearchPattern.inText(search)}::text)`
      : sql`p.person_id = any(${PgArrays.uuids(ids)}::uuid[])`
  const inValues = SearchPattern.inJson(search)
  return sql`(p.properties::text collate "C" ~ ${inValues}::text or ${byId})`
}

/** The place of the n-th person after one in a listing; undefined where there are fewer. */
const placeOf = Effect.fnUntraced(function* (
  question: PersonsQuestion,
  after: PersonsCursor.Cursor | undefined,
  count: number,
) {
  const sql = yield* SchemaClient
  const [row] = yield* sql<{ readonly person_id: string; readonly created_at: number }>`
    select p.person_id, p.created_at from ${sql.ours("persons")} p
    where ${inRange(sql, question, { after })}
    order by p.created_at desc, p.person_id desc offset ${count - 1} limit 1`
  return row && { id: PersonId(row.person_id), createdAt: row.created_at }
})

/** The size of the first window, the newest persons: a search that finds many ends there. */
const firstWindow = 2000

/** Each window is this many times as large as the one before. */
const growth = 4

/** How many persons are read at a time, because the pattern may also find persons without the text. */
const readMax = 500

/**
 * Persons with a text, newest first: a page of `wanted`, if there are as many. The search goes window by window,
 * because Postgres takes a pattern to leave few rows, and would read all persons to sort those.
 */
const searched = Effect.fnUntraced(function* (
  question: PersonsQuestion,
  search: string,
  { after: start, wanted }: { readonly after: PersonsCursor.Cursor | undefined; wanted: number },
) {
  const sql = yield* SchemaClient
  const found = new PersonsPage(wanted)
  let [after, size] = [start, firstWindow]
  // A search in the ids of all memberships pays only beyond the first window.
  let condition = isFound(sql, question, search, undefined)
  while (true) {
    const until = yield* placeOf(question, after, size)
    let isMore = true
    while (isMore && !found.isFull) {
      const { views, isFull } = yield* select(
        question,
        { after, until },
        { condition, limit: readMax },
      )
      for (const view of views) {
        if (!found.isFull && PersonSearch.finds(view, search)) found.add(view)
      }
      after = views.at(-1) ?? after
      isMore = isFull
    }
    if (until === undefined || found.isFull) return found
    if (size === firstWindow) {
      condition = isFound(sql, question, search, yield* foundById(question, search))
    }
    after = until
    size *= growth
  }
})

/** A page of persons, newest first; the cursor is the sort key of the last one. */
export const list = Effect.fnUntraced(function* (question: PersonsQuestion) {
  const { search = "", limit } = question
  const after = yield* PersonsCursor.read(question.cursor)
  const wanted = limit + 1
  const { views, isFull } =
    search === ""
      ? yield* select(question, { after }, { limit: wanted })
      : yield* searched(question, search, { after, wanted })
  const results = views.slice(0, limit)
  const last = results.at(-1)
  return { results, next: isFull && last ? PersonsCursor.of(last) : undefined }
})
