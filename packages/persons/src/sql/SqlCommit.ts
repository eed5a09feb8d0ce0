import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Checkpoint } from "../Checkpoint.ts"
import type { Rows } from "../rows/RowChanges.ts"
import * as EditionTables from "./editions/EditionTables.ts"
import { inChunks } from "./editions/EditionTables.ts"
import * as SqlDecisions from "./SqlDecisions.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes what a page changes: a kind of row with a statement for each chunk, and none where there is nothing. */
export const write = Effect.fnUntraced(function* (from: Checkpoint, rows: Rows) {
  const sql = yield* SqlClient.SqlClient
  const edition = EditionTables.of(sql, from)
  yield* inChunks(rows.closedPersons, (chunk) => closePersons(edition, chunk))
  yield* inChunks(rows.persons, (chunk) => insertPersons(edition, chunk))
  // All moves of a component's ids belong together.
  if (rows.moves.length > 0) yield* moveMembers(edition, rows.moves)
  yield* inChunks(rows.closedMemberships, (chunk) => closeMemberships(edition, chunk))
  yield* inChunks(rows.memberships, (chunk) => insertMemberships(edition, chunk))
  yield* inChunks(rows.components, (chunk) => upsertComponents(edition, chunk))
  yield* inChunks(rows.cones.moves, (chunk) => moveCones(edition, chunk))
  yield* inChunks(rows.cones.members, (chunk) => insertConeMembers(edition, chunk))
  yield* inChunks(rows.cones.sizes, (chunk) => upsertCones(edition, chunk))
  yield* SqlDecisions.write(edition, rows)
})

/** Moves the checkpoint, if nobody else has, in a transaction that waits for no disk: answers whether it did. */
export const advance = Effect.fnUntraced(function* (from: Checkpoint, to: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const moved = yield* sql`
    update checkpoints set position = ${to.position}, state_hash = ${to.stateHash},
      policy = ${JSON.stringify(to.policy)}::text::json, stage = ${to.stage},
      last_uuid = ${to.lastUuid ?? null}::text::uuid
    where edition = ${from.edition} and epoch = ${from.epoch} and position = ${from.position}
    returning position, set_config('synchronous_commit', 'off', true)`
  return moved.length === 1
})

/** As in a slice, the index of all current persons is hidden. */
const closePersons = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["closedPersons"],
): Statement => sql`
  update ${table("persons")} p set to_position = c.to_position
  from unnest(${PgArrays.uuids(rows.map((row) => row.id))}::uuid[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[]) as c (person_id, to_position)
  where p.edition = ${id} and p.person_id = c.person_id and coalesce(p.to_position, 0) = 0`

const insertPersons = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["persons"],
): Statement => sql`
  insert into ${table("persons")} (edition, person_id, version, properties, is_identified, created_at,
    from_position, to_position)
  select ${id}::bigint, person_id, version, properties::json, is_identified, created_at, from_position,
    to_position
  from unnest(
    ${PgArrays.uuids(rows.map((row) => row.person.id))}::uuid[],
    ${PgArrays.integers(rows.map((row) => row.person.version))}::int[],
    ${PgArrays.texts(rows.map((row) => JSON.stringify(row.person.properties)))}::text[],
    ${PgArrays.booleans(rows.map((row) => row.person.isIdentified))}::boolean[],
    ${PgArrays.times(rows.map((row) => row.person.createdAt))}::timestamptz[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[])
    as p (person_id, version, properties, is_identified, created_at, from_position, to_position)`

/** Every id that was in a moved component gets its rows: the old one is closed, the moves are added. */
const moveMembers = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["moves"],
): Statement => sql`
  with moves as (
    select * from unnest(
      ${PgArrays.uuids(rows.map((row) => row.stored))}::uuid[],
      ${PgArrays.uuids(rows.map((row) => row.component))}::uuid[],
      ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
      ${PgArrays.positions(rows.map((row) => row.to))}::bigint[]) as m (stored, component, from_position, to_position)
  ), leaving as (
    update ${table("memberships")} m set to_position = first.from_position
    from (select stored, min(from_position) as from_position from moves group by stored) first
    where m.edition = ${id} and m.component = first.stored and m.to_position is null
    returning m.distinct_id, m.component
  )
  insert into ${table("memberships")} (edition, distinct_id, component, from_position, to_position)
  select ${id}::bigint, leaving.distinct_id, moves.component, moves.from_position, moves.to_position
  from leaving join moves on moves.stored = leaving.component and moves.component is not null`

/** One that the page has moved and ends at the same position was never true. */
const closeMemberships = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["closedMemberships"],
): Statement => sql`
  with closed as (
    select * from unnest(
      ${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
      ${PgArrays.positions(rows.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  ), never as (
    delete from ${table("memberships")} m using closed where m.edition = ${id}
      and m.distinct_id = closed.distinct_id and m.from_position = closed.to_position
  )
  update ${table("memberships")} m set to_position = closed.to_position from closed
  where m.edition = ${id} and m.distinct_id = closed.distinct_id
    and m.to_position is null and m.from_position < closed.to_position`

const insertMemberships = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["memberships"],
): Statement => sql`
  insert into ${table("memberships")} (edition, distinct_id, component, from_position, to_position)
  select ${id}::bigint, * from unnest(
    ${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.uuids(rows.map((row) => row.component))}::uuid[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[])`

const upsertComponents = (
  { sql, id, table, onConflict }: EditionTables.Edition,
  rows: Rows["components"],
): Statement => sql`
  insert into ${table("components")} (edition, component, person_id, size, ids, first_id, first_seen,
    joined_since, joined_count, from_position, to_position)
  select ${id}::bigint, * from unnest(
    ${PgArrays.uuids(rows.map((row) => row.component))}::uuid[],
    ${PgArrays.uuids(rows.map((row) => row.personId))}::uuid[],
    ${PgArrays.integers(rows.map((row) => row.size))}::int[],
    ${PgArrays.texts(rows.map((row) => row.ids))}::text[],
    ${PgArrays.texts(rows.map((row) => row.first))}::text[],
    ${PgArrays.positions(rows.map((row) => row.firstSeen))}::bigint[],
    ${PgArrays.times(rows.map((row) => row.joinedSince))}::timestamptz[],
    ${PgArrays.integers(rows.map((row) => row.joinedCount))}::int[],
    ${PgArrays.positions(rows.map((row) => row.from))}::bigint[],
    ${PgArrays.positions(rows.map((row) => row.to))}::bigint[])
  ${onConflict(sql`on conflict (edition, component, from_position) do update
  set person_id = excluded.person_id, size = excluded.size, ids = excluded.ids,
    first_id = excluded.first_id, first_seen = excluded.first_seen,
    joined_since = excluded.joined_since, joined_count = excluded.joined_count,
    to_position = excluded.to_position`)}`

const moveCones = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["cones"]["moves"],
): Statement => sql`
  with moves as (
    select * from unnest(${PgArrays.texts(rows.map((row) => row.stored))}::text[],
      ${PgArrays.texts(rows.map((row) => row.cone))}::text[]) as m (stored, cone)
  ), gone as (
    delete from ${table("cones")} c using moves where c.edition = ${id} and c.cone = moves.stored
  )
  update ${table("cone_members")} m set cone = moves.cone from moves
  where m.edition = ${id} and m.cone = moves.stored`

const insertConeMembers = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["cones"]["members"],
): Statement => sql`
  insert into ${table("cone_members")} (edition, distinct_id, cone)
  select ${id}::bigint, * from unnest(${PgArrays.texts(rows.map((row) => row.distinctId))}::text[],
    ${PgArrays.texts(rows.map((row) => row.cone))}::text[])`

const upsertCones = (
  { sql, id, table, onConflict }: EditionTables.Edition,
  rows: Rows["cones"]["sizes"],
): Statement => sql`
  insert into ${table("cones")} (edition, cone, size)
  select ${id}::bigint, * from unnest(${PgArrays.texts(rows.map((row) => row.cone))}::text[],
    ${PgArrays.integers(rows.map((row) => row.size))}::int[])
  ${onConflict(sql`on conflict (edition, cone) do update set size = excluded.size`)}`
