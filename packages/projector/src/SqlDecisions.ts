import type { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Columns from "@onymous/log/Columns"
import type { ReleaseRow, Rows } from "./Rows.ts"

type Sql = SqlClient.SqlClient

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** The statements that write what a page decided, each with the rows that it is for. */
export const statements = (
  sql: Sql,
  project: ProjectId,
  rows: Rows,
): ReadonlyArray<readonly [ReadonlyArray<unknown>, () => Statement]> => [
  [rows.links, () => insertLinks(sql, project, rows)],
  [rows.warnings, () => insertWarnings(sql, project, rows)],
  [rows.dropped, () => insertDropped(sql, project, rows)],
  [rows.waiting, () => insertWaiting(sql, project, rows)],
  [rows.released, () => releaseWaiting(sql, project, rows)],
  [rows.closedPersonless, () => closePersonless(sql, project, rows)],
  [rows.personless, () => insertPersonless(sql, project, rows)],
  [rows.generations, () => insertGenerations(sql, project, rows)],
  [rows.refusals, () => upsertRefusals(sql, project, rows)],
  [rows.policies, () => insertPolicies(sql, project, rows)],
  [rows.hashes, () => insertHashes(sql, project, rows)],
]

const insertLinks = (sql: Sql, project: ProjectId, { links }: Rows): Statement => sql`
  insert into links (project_id, event_position, position, target_id, source_id, outcome, loser, winner)
  select ${project}, * from unnest(
    ${Columns.positions(links.map((row) => row.event))}::bigint[],
    ${Columns.positions(links.map((row) => row.position))}::bigint[],
    ${Columns.texts(links.map((row) => row.target))}::text[],
    ${Columns.texts(links.map((row) => row.source))}::text[],
    ${Columns.texts(links.map((row) => row.outcome))}::text[],
    ${Columns.uuids(links.map((row) => row.loser))}::uuid[],
    ${Columns.uuids(links.map((row) => row.winner))}::uuid[])`

/** An event's warnings are numbered in the order in which its checks raised them. */
const insertWarnings = (sql: Sql, project: ProjectId, rows: Rows): Statement => {
  let ordinal = 0
  const warnings = rows.warnings.map(({ warning }) => warning)
  const ordinals = warnings.map(({ position }, index) => {
    ordinal = warnings[index - 1]?.position === position ? ordinal + 1 : 0
    return ordinal
  })
  return sql`
    insert into warnings (project_id, from_position, position, ordinal, type, at, event_uuid, details)
    select ${project}, * from unnest(
      ${Columns.positions(rows.warnings.map((row) => row.from))}::bigint[],
      ${Columns.positions(warnings.map((row) => row.position))}::bigint[],
      ${Columns.integers(ordinals)}::int[],
      ${Columns.texts(warnings.map((row) => row.type))}::text[],
      ${Columns.times(warnings.map((row) => row.at))}::timestamptz[],
      ${Columns.uuids(warnings.map((row) => row.eventUuid))}::uuid[],
      ${Columns.texts(warnings.map((row) => JSON.stringify(row.details)))}::json[])`
}

const insertDropped = (sql: Sql, project: ProjectId, { dropped }: Rows): Statement => sql`
  insert into dropped_events (project_id, position, from_position)
  select ${project}, * from unnest(${Columns.positions(dropped.map((row) => row.event))}::bigint[],
    ${Columns.positions(dropped.map((row) => row.from))}::bigint[])`

const released = (rows: ReadonlyArray<ReleaseRow | null>) =>
  [
    Columns.positions(rows.map((row) => row?.at ?? null)),
    Columns.texts(rows.map((row) => row?.by ?? null)),
    Columns.uuids(rows.map((row) => row?.personId ?? null)),
  ] as const

const insertWaiting = (sql: Sql, project: ProjectId, { waiting }: Rows): Statement => {
  const [at, by, persons] = released(waiting.map((row) => row.released))
  return sql`
    insert into waiting_events (project_id, position, distinct_id, due_at, released_position,
      released_by, person_id)
    select ${project}, * from unnest(
      ${Columns.positions(waiting.map((row) => row.position))}::bigint[],
      ${Columns.texts(waiting.map((row) => row.distinctId))}::text[],
      ${Columns.times(waiting.map((row) => row.dueAt))}::timestamptz[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[])`
}

const releaseWaiting = (sql: Sql, project: ProjectId, rows: Rows): Statement => {
  const [at, by, persons] = released(rows.released)
  return sql`
    update waiting_events w
    set released_position = r.at, released_by = r.by, person_id = r.person_id
    from unnest(${Columns.positions(rows.released.map((row) => row.event))}::bigint[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[]) as r (event, at, by, person_id)
    where w.project_id = ${project} and w.position = r.event`
}

const closePersonless = (
  sql: Sql,
  project: ProjectId,
  { closedPersonless }: Rows,
): Statement => sql`
  update personless_ids p set to_position = c.to_position
  from unnest(${Columns.texts(closedPersonless.map((row) => row.distinctId))}::text[],
    ${Columns.positions(closedPersonless.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  where p.project_id = ${project} and p.distinct_id = c.distinct_id and p.to_position is null`

const insertPersonless = (sql: Sql, project: ProjectId, { personless }: Rows): Statement => sql`
  insert into personless_ids (project_id, distinct_id, from_position, to_position)
  select ${project}, * from unnest(${Columns.texts(personless.map((row) => row.distinctId))}::text[],
    ${Columns.positions(personless.map((row) => row.from))}::bigint[],
    ${Columns.positions(personless.map((row) => row.to))}::bigint[])`

const insertGenerations = (sql: Sql, project: ProjectId, { generations }: Rows): Statement => sql`
  insert into generations (project_id, distinct_id, generation, from_position, is_gone)
  select ${project}, * from unnest(${Columns.texts(generations.map((row) => row.distinctId))}::text[],
    ${Columns.integers(generations.map((row) => row.generation))}::int[],
    ${Columns.positions(generations.map((row) => row.from))}::bigint[],
    ${Columns.booleans(generations.map((row) => row.isGone))}::boolean[])`

const upsertRefusals = (sql: Sql, project: ProjectId, { refusals }: Rows): Statement => sql`
  insert into refusals (project_id, distinct_id, count)
  select ${project}, * from unnest(${Columns.texts(refusals.map((row) => row.distinctId))}::text[],
    ${Columns.integers(refusals.map((row) => row.count))}::int[])
  on conflict (distinct_id, project_id) do update set count = excluded.count`

const insertPolicies = (sql: Sql, project: ProjectId, { policies }: Rows): Statement => sql`
  insert into policies (project_id, from_position, policy)
  select ${project}, * from unnest(${Columns.positions(policies.map((row) => row.from))}::bigint[],
    ${Columns.texts(policies.map((row) => JSON.stringify(row.policy)))}::json[])`

const insertHashes = (sql: Sql, project: ProjectId, { hashes }: Rows): Statement => sql`
  insert into state_hashes (project_id, position, state_hash)
  select ${project}, * from unnest(${Columns.positions(hashes.map((row) => row.position))}::bigint[],
    ${Columns.texts(hashes.map((row) => row.stateHash))}::text[])`
