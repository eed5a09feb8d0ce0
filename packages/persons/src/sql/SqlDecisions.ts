import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as EditionTables from "./editions/EditionTables.ts"
import { inChunks } from "./editions/EditionTables.ts"
import type { ReleaseRow, Rows } from "../rows/RowChanges.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes what a page decided. */
export const write = Effect.fnUntraced(function* (edition: EditionTables.Edition, rows: Rows) {
  yield* inChunks(rows.links, (chunk) => insertLinks(edition, chunk))
  yield* inChunks(rows.revokedWarnings, (chunk) => revokeWarnings(edition, chunk))
  yield* inChunks(numbered(rows.warnings), (chunk) => insertWarnings(edition, chunk))
  yield* inChunks(rows.dropped, (chunk) => insertDropped(edition, chunk))
  yield* inChunks(rows.waiting, (chunk) => insertWaiting(edition, chunk))
  yield* inChunks(rows.released, (chunk) => releaseWaiting(edition, chunk))
  yield* inChunks(rows.closedPersonless, (chunk) => closePersonless(edition, chunk))
  yield* inChunks(rows.personless, (chunk) => insertPersonless(edition, chunk))
  yield* inChunks(rows.generations, (chunk) => insertGenerations(edition, chunk))
  yield* inChunks(rows.refusals, (chunk) => upsertRefusals(edition, chunk))
  yield* inChunks(rows.policies, (chunk) => insertPolicies(edition, chunk))
  yield* inChunks(rows.hashes, (chunk) => insertHashes(edition, chunk))
})

const insertLinks = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["links"],
): Statement => sql`
  insert into ${table("links")} (edition, event_position, position, target_id, source_id, outcome, loser, winner)
  select ${id}::bigint, * from unnest(
    ${PgArrays.positions(rows.map((row) => row.event))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.position))}::bigint[],
    ${PgArrays.texts(rows.map((row) => row.target))}::text[],
    ${PgArrays.texts(rows.map((row) => row.source))}::text[],
    ${PgArrays.texts(rows.map((row) => row.outcome))}::text[],
    ${PgArrays.uuids(rows.map((row) => row.loser))}::uuid[],
    ${PgArrays.uuids(rows.map((row) => row.winner))}::uuid[])`

type Numbered = Rows["warnings"][number] & { readonly ordinal: number }

/** An event's warnings are numbered in the order in which its checks raised them. */
const numbered = (rows: Rows["warnings"]): ReadonlyArray<Numbered> => {
  let ordinal = 0
  return rows.map((row, index) => {
    const { position } = row.warning
    ordinal = rows[index - 1]?.warning.position === position ? ordinal + 1 : 0
    return { ...row, ordinal }
  })
}

const insertWarnings = (
  { sql, id, table }: EditionTables.Edition,
  rows: ReadonlyArray<Numbered>,
): Statement => sql`
  insert into ${table("warnings")} (edition, from_position, to_position, position, ordinal, type, at,
    event_uuid, details)
  select ${id}::bigint, from_position, to_position, position, ordinal, type, at, event_uuid,
    details::json
  from unnest(
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[],
    ${PgArrays.positions(rows.map(({ warning }) => warning.position))}::bigint[],
    ${PgArrays.integers(rows.map((row) => row.ordinal))}::int[],
    ${PgArrays.texts(rows.map(({ warning }) => warning.type))}::text[],
    ${PgArrays.times(rows.map(({ warning }) => warning.at))}::timestamptz[],
    ${PgArrays.uuids(rows.map(({ warning }) => warning.eventUuid))}::uuid[],
    ${PgArrays.texts(rows.map(({ warning }) => JSON.stringify(warning.details)))}::text[])
    as w (from_position, to_position, position, ordinal, type, at, event_uuid, details)`

const revokeWarnings = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["revokedWarnings"],
): Statement => sql`
  update ${table("warnings")} w set to_position = r.to_position
  from unnest(${PgArrays.positions(rows.map((row) => row.event))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[]) as r (event, to_position)
  where w.edition = ${id} and w.position = r.event and w.to_position is null`

const insertDropped = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["dropped"],
): Statement => sql`
  insert into ${table("dropped_events")} (edition, position, from_position)
  select ${id}::bigint, * from unnest(${PgArrays.positions(rows.map((row) => row.event))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[])`

const released = (rows: ReadonlyArray<ReleaseRow | null>) =>
  [
    PgArrays.positions(rows.map((row) => row?.at ?? null)),
    PgArrays.texts(rows.map((row) => row?.by ?? null)),
    PgArrays.uuids(rows.map((row) => row?.personId ?? null)),
  ] as const

const insertWaiting = (
  { sql, id, table, onConflict }: EditionTables.Edition,
  rows: Rows["waiting"],
): Statement => {
  const [at, by, persons] = released(rows.map((row) => row.released))
  return sql`
    insert into ${table("waiting_events")} (edition, position, distinct_id, due_at, released_position,
      released_by, person_id)
    select ${id}::bigint, * from unnest(
      ${PgArrays.positions(rows.map((row) => row.position))}::bigint[],
      ${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
      ${PgArrays.times(rows.map((row) => row.dueAt))}::timestamptz[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[])
    ${onConflict(sql`on conflict (edition, position) do update set due_at = excluded.due_at,
      released_position = excluded.released_position, released_by = excluded.released_by,
      person_id = excluded.person_id`)}`
}

const releaseWaiting = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["released"],
): Statement => {
  const [at, by, persons] = released(rows)
  return sql`
    update ${table("waiting_events")} w 
    set released_position = r.at, released_by = r.by, person_id = r.person_id
    from unnest(${PgArrays.positions(rows.map((row) => row.event))}::bigint[],
      ${at}::bigint[], ${by}::text[], ${persons}::uuid[]) as r (event, at, by, person_id)
    where w.edition = ${id} and w.position = r.event`
}

const closePersonless = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["closedPersonless"],
): Statement => sql`
  update ${table("personless_ids")} p set to_position = c.to_position
  from unnest(${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  where p.edition = ${id} and p.distinct_id = c.distinct_id and p.to_position is null`

const insertPersonless = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["personless"],
): Statement => sql`
  insert into ${table("personless_ids")} (edition, distinct_id, from_position, to_position)
  select ${id}::bigint, * from unnest(${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[])`

const insertGenerations = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["generations"],
): Statement => sql`
  insert into ${table("generations")} (edition, distinct_id, generation, from_position, gone_at)
  select ${id}::bigint, * from unnest(${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.integers(rows.map((row) => row.generation))}::int[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.goneAt))}::bigint[])`

const upsertRefusals = (
  { sql, id, table, onConflict }: EditionTables.Edition,
  rows: Rows["refusals"],
): Statement => sql`
  insert into ${table("refusals")} (edition, distinct_id, count)
  select ${id}::bigint, * from unnest(${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.integers(rows.map((row) => row.count))}::int[])
  ${onConflict(sql`on conflict (distinct_id, edition) do update set count = excluded.count`)}`

const insertPolicies = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["policies"],
): Statement => sql`
  insert into ${table("policies")} (edition, from_position, policy)
  select ${id}::bigint, * from unnest(${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.texts(rows.map((row) => JSON.stringify(row.policy)))}::json[])`

const insertHashes = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["hashes"],
): Statement => sql`
  insert into ${table("state_hashes")} (edition, position, state_hash)
  select ${id}::bigint, * from unnest(${PgArrays.positions(rows.map((row) => row.position))}::bigint[],
    ${PgArrays.texts(rows.map((row) => row.stateHash))}::text[])`
