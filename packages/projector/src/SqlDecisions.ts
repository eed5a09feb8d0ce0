import type { Effect } from "effect"
import type { SqlClient, SqlError } from "effect/sql"
import * as Columns from "@onymous/log/Columns"
import type { ReleaseRow, Rows } from "./Rows.ts"

type Sql = SqlClient.SqlClient

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** The statements that write what a page decided, each with the rows that it is for. */
export const statements = (
  sql: Sql,
  edition: string,
  rows: Rows,
): ReadonlyArray<readonly [ReadonlyArray<unknown>, () => Statement]> => [
  [rows.links, () => insertLinks(sql, edition, rows)],
  [rows.revokedWarnings, () => revokeWarnings(sql, edition, rows)],
  [rows.warnings, () => insertWarnings(sql, edition, rows)],
  [rows.dropped, () => insertDropped(sql, edition, rows)],
  [rows.waiting, () => insertWaiting(sql, edition, rows)],
  [rows.released, () => releaseWaiting(sql, edition, rows)],
  [rows.closedPersonless, () => closePersonless(sql, edition, rows)],
  [rows.personless, () => insertPersonless(sql, edition, rows)],
  [rows.generations, () => insertGenerations(sql, edition, rows)],
  [rows.refusals, () => upsertRefusals(sql, edition, rows)],
  [rows.policies, () => insertPolicies(sql, edition, rows)],
  [rows.hashes, () => insertHashes(sql, edition, rows)],
]

const insertLinks = (sql: Sql, edition: string, { links }: Rows): Statement => sql`
  insert into links (edition, event_position, position, target_id, source_id, outcome, loser, winner)
  select ${edition}::bigint, * from unnest(
    ${Columns.positions(links.map((row) => row.event))}::bigint[],
    ${Columns.positions(links.map((row) => row.position))}::bigint[],
    ${Columns.texts(links.map((row) => row.target))}::text[],
    ${Columns.texts(links.map((row) => row.source))}::text[],
    ${Columns.texts(links.map((row) => row.outcome))}::text[],
    ${Columns.uuids(links.map((row) => row.loser))}::uuid[],
    ${Columns.uuids(links.map((row) => row.winner))}::uuid[])`

/** An event's warnings are numbered in the order in which its checks raised them. */
const insertWarnings = (sql: Sql, edition: string, rows: Rows): Statement => {
  let ordinal = 0
  const warnings = rows.warnings.map(({ warning }) => warning)
  const ordinals = warnings.map(({ position }, index) => {
    ordinal = warnings[index - 1]?.position === position ? ordinal + 1 : 0
    return ordinal
  })
  return sql`
    insert into warnings (edition, from_position, to_position, position, ordinal, type, at,
      event_uuid, details)
    select ${edition}::bigint, * from unnest(
      ${Columns.positions(rows.warnings.map((row) => row.from))}::bigint[],
      ${Columns.positions(rows.warnings.map((row) => row.to))}::bigint[],
      ${Columns.positions(warnings.map((row) => row.position))}::bigint[],
      ${Columns.integers(ordinals)}::int[],
      ${Columns.texts(warnings.map((row) => row.type))}::text[],
      ${Columns.times(warnings.map((row) => row.at))}::timestamptz[],
      ${Columns.uuids(warnings.map((row) => row.eventUuid))}::uuid[],
      ${Columns.texts(warnings.map((row) => JSON.stringify(row.details)))}::json[])`
}

const revokeWarnings = (sql: Sql, edition: string, { revokedWarnings }: Rows): Statement => sql`
  update warnings w set to_position = r.to_position
  from unnest(${Columns.positions(revokedWarnings.map((row) => row.event))}::bigint[],
    ${Columns.positions(revokedWarnings.map((row) => row.to))}::bigint[]) as r (event, to_position)
  where w.edition = ${edition} and w.position = r.event and w.to_position is null`

const insertDropped = (sql: Sql, edition: string, { dropped }: Rows): Statement => sql`
  insert into dropped_events (edition, position, from_position)
  select ${edition}::bigint, * from unnest(${Columns.positions(dropped.map((row) => row.event))}::bigint[],
    ${Columns.positions(dropped.map((row) => row.from))}::bigint[])`

const released = (rows: ReadonlyArray<ReleaseRow | null>) =>
  [
    Columns.positions(rows.map((row) => row?.at ?? null)),
    Columns.texts(rows.map((row) => row?.by ?? null)),
    Columns.uuids(rows.map((row) => row?.personId ?? null)),
  ] as const

const insertWaiting = (sql: Sql, edition: string, { waiting }: Rows): Statement => {
  const [at, by, persons] = released(waiting.map((row) => row.released))
  return sql`
    insert into waiting_events (edition, position, distinct_id, due_at, released_position,
      released_by, person_id)
    select ${edition}::bigint, * from unnest(
      ${Columns.positions(waiting.map((row) => row.position))}::bigint[],
      ${Columns.texts(waiting.map((row) => row.distinctId))}::text[],
      ${Columns.times(waiting.map((row) => row.dueAt))}::timestamptz[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[])
    on conflict (edition, position) do update set due_at = excluded.due_at,
      released_position = excluded.released_position, released_by = excluded.released_by,
      person_id = excluded.person_id`
}

const releaseWaiting = (sql: Sql, edition: string, rows: Rows): Statement => {
  const [at, by, persons] = released(rows.released)
  return sql`
    update waiting_events w
    set released_position = r.at, released_by = r.by, person_id = r.person_id
    from unnest(${Columns.positions(rows.released.map((row) => row.event))}::bigint[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[]) as r (event, at, by, person_id)
    where w.edition = ${edition} and w.position = r.event`
}

const closePersonless = (sql: Sql, edition: string, { closedPersonless }: Rows): Statement => sql`
  update personless_ids p set to_position = c.to_position
  from unnest(${Columns.texts(closedPersonless.map((row) => row.distinctId))}::text[],
    ${Columns.positions(closedPersonless.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  where p.edition = ${edition} and p.distinct_id = c.distinct_id and p.to_position is null`

const insertPersonless = (sql: Sql, edition: string, { personless }: Rows): Statement => sql`
  insert into personless_ids (edition, distinct_id, from_position, to_position)
  select ${edition}::bigint, * from unnest(${Columns.texts(personless.map((row) => row.distinctId))}::text[],
    ${Columns.positions(personless.map((row) => row.from))}::bigint[],
    ${Columns.positions(personless.map((row) => row.to))}::bigint[])`

const insertGenerations = (sql: Sql, edition: string, { generations }: Rows): Statement => sql`
  insert into generations (edition, distinct_id, generation, from_position, gone_at)
  select ${edition}::bigint, * from unnest(${Columns.texts(generations.map((row) => row.distinctId))}::text[],
    ${Columns.integers(generations.map((row) => row.generation))}::int[],
    ${Columns.positions(generations.map((row) => row.from))}::bigint[],
    ${Columns.positions(generations.map((row) => row.goneAt))}::bigint[])`

const upsertRefusals = (sql: Sql, edition: string, { refusals }: Rows): Statement => sql`
  insert into refusals (edition, distinct_id, count)
  select ${edition}::bigint, * from unnest(${Columns.texts(refusals.map((row) => row.distinctId))}::text[],
    ${Columns.integers(refusals.map((row) => row.count))}::int[])
  on conflict (distinct_id, edition) do update set count = excluded.count`

const insertPolicies = (sql: Sql, edition: string, { policies }: Rows): Statement => sql`
  insert into policies (edition, from_position, policy)
  select ${edition}::bigint, * from unnest(${Columns.positions(policies.map((row) => row.from))}::bigint[],
    ${Columns.texts(policies.map((row) => JSON.stringify(row.policy)))}::json[])`

const insertHashes = (sql: Sql, edition: string, { hashes }: Rows): Statement => sql`
  insert into state_hashes (edition, position, state_hash)
  select ${edition}::bigint, * from unnest(${Columns.positions(hashes.map((row) => row.position))}::bigint[],
    ${Columns.texts(hashes.map((row) => row.stateHash))}::text[])`
