import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import * as Columns from "@onymous/log/Columns"
import type { Checkpoint } from "./Persons.ts"
import type { Rows } from "./Rows.ts"
import * as SqlDecisions from "./SqlDecisions.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes what a page changes; each kind of row with one statement, and none where there is nothing. */
export const write = Effect.fnUntraced(function* (edition: string, rows: Rows) {
  const sql = yield* SqlClient.SqlClient
  const statements: ReadonlyArray<readonly [ReadonlyArray<unknown>, () => Statement]> = [
    [rows.closedPersons, () => closePersons(sql, edition, rows)],
    [rows.persons, () => insertPersons(sql, edition, rows)],
    [rows.moves, () => moveMembers(sql, edition, rows)],
    [rows.closedMemberships, () => closeMemberships(sql, edition, rows)],
    [rows.memberships, () => insertMemberships(sql, edition, rows)],
    [rows.components, () => upsertComponents(sql, edition, rows)],
    [rows.cones.moves, () => moveCones(sql, edition, rows)],
    [rows.cones.members, () => insertConeMembers(sql, edition, rows)],
    [rows.cones.sizes, () => upsertCones(sql, edition, rows)],
    ...SqlDecisions.statements(sql, edition, rows),
  ]
  for (const [wanted, statement] of statements) if (wanted.length > 0) yield* statement()
})

/** Moves the checkpoint, if nobody else has: answers whether it did. */
export const advance = Effect.fnUntraced(function* (from: Checkpoint, to: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const moved = yield* sql`
    update checkpoints set position = ${to.position}, state_hash = ${to.stateHash},
      policy = ${JSON.stringify(to.policy)}::text::json, last_uuid = ${to.lastUuid ?? null}::text::uuid
    where edition = ${from.edition} and epoch = ${from.epoch} and position = ${from.position}
    returning position`
  return moved.length === 1
})

type Sql = SqlClient.SqlClient

const closePersons = (sql: Sql, edition: string, { closedPersons }: Rows): Statement => sql`
  update persons p set to_position = c.to_position
  from unnest(${Columns.uuids(closedPersons.map((row) => row.id))}::uuid[],
    ${Columns.positions(closedPersons.map((row) => row.to))}::bigint[]) as c (person_id, to_position)
  where p.edition = ${edition} and p.person_id = c.person_id and p.to_position is null`

const insertPersons = (sql: Sql, edition: string, { persons }: Rows): Statement => sql`
  insert into persons (edition, person_id, version, properties, is_identified, created_at,
    from_position, to_position)
  select ${edition}::bigint, * from unnest(
    ${Columns.uuids(persons.map((row) => row.person.id))}::uuid[],
    ${Columns.integers(persons.map((row) => row.person.version))}::int[],
    ${Columns.texts(persons.map((row) => JSON.stringify(row.person.properties)))}::json[],
    ${Columns.booleans(persons.map((row) => row.person.isIdentified))}::boolean[],
    ${Columns.times(persons.map((row) => row.person.createdAt))}::timestamptz[],
    ${Columns.positions(persons.map((row) => row.from))}::bigint[],
    ${Columns.positions(persons.map((row) => row.to))}::bigint[])`

/** Every id that was in a moved component gets its rows: the old one is closed, the moves are added. */
const moveMembers = (sql: Sql, edition: string, { moves }: Rows): Statement => sql`
  with moves as (
    select * from unnest(
      ${Columns.uuids(moves.map((row) => row.stored))}::uuid[],
      ${Columns.uuids(moves.map((row) => row.component))}::uuid[],
      ${Columns.positions(moves.map((row) => row.from))}::bigint[],
      ${Columns.positions(moves.map((row) => row.to))}::bigint[]) as m (stored, component, from_position, to_position)
  ), leaving as (
    update memberships m set to_position = first.from_position
    from (select stored, min(from_position) as from_position from moves group by stored) first
    where m.edition = ${edition} and m.component = first.stored and m.to_position is null
    returning m.distinct_id, m.component
  )
  insert into memberships (edition, distinct_id, component, from_position, to_position)
  select ${edition}::bigint, leaving.distinct_id, moves.component, moves.from_position, moves.to_position
  from leaving join moves on moves.stored = leaving.component and moves.component is not null`

/** One that the page has moved and ends at the same position was never true. */
const closeMemberships = (sql: Sql, edition: string, rows: Rows): Statement => sql`
  with closed as (
    select * from unnest(
      ${Columns.texts(rows.closedMemberships.map((row) => row.distinctId))}::text[],
      ${Columns.positions(rows.closedMemberships.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  ), never as (
    delete from memberships m using closed where m.edition = ${edition}
      and m.distinct_id = closed.distinct_id and m.from_position = closed.to_position
  )
  update memberships m set to_position = closed.to_position from closed
  where m.edition = ${edition} and m.distinct_id = closed.distinct_id
    and m.to_position is null and m.from_position < closed.to_position`

const insertMemberships = (sql: Sql, edition: string, { memberships }: Rows): Statement => sql`
  insert into memberships (edition, distinct_id, component, from_position, to_position)
  select ${edition}::bigint, * from unnest(
    ${Columns.texts(memberships.map((row) => row.distinctId))}::text[],
    ${Columns.uuids(memberships.map((row) => row.component))}::uuid[],
    ${Columns.positions(memberships.map((row) => row.from))}::bigint[],
    ${Columns.positions(memberships.map((row) => row.to))}::bigint[])`

const upsertComponents = (sql: Sql, edition: string, { components }: Rows): Statement => sql`
  insert into components (edition, component, person_id, size, ids, first_id, first_seen,
    joined_since, joined_count, from_position, to_position)
  select ${edition}::bigint, * from unnest(
    ${Columns.uuids(components.map((row) => row.component))}::uuid[],
    ${Columns.uuids(components.map((row) => row.personId))}::uuid[],
    ${Columns.integers(components.map((row) => row.size))}::int[],
    ${Columns.texts(components.map((row) => row.ids))}::text[],
    ${Columns.texts(components.map((row) => row.first))}::text[],
    ${Columns.positions(components.map((row) => row.firstSeen))}::bigint[],
    ${Columns.times(components.map((row) => row.joinedSince))}::timestamptz[],
    ${Columns.integers(components.map((row) => row.joinedCount))}::int[],
    ${Columns.positions(components.map((row) => row.from))}::bigint[],
    ${Columns.positions(components.map((row) => row.to))}::bigint[])
  on conflict (edition, component, from_position) do update
  set person_id = excluded.person_id, size = excluded.size, ids = excluded.ids,
    first_id = excluded.first_id, first_seen = excluded.first_seen,
    joined_since = excluded.joined_since, joined_count = excluded.joined_count,
    to_position = excluded.to_position`

const moveCones = (sql: Sql, edition: string, { cones }: Rows): Statement => sql`
  with moves as (
    select * from unnest(${Columns.texts(cones.moves.map((row) => row.stored))}::text[],
      ${Columns.texts(cones.moves.map((row) => row.cone))}::text[]) as m (stored, cone)
  ), gone as (
    delete from cones c using moves where c.edition = ${edition} and c.cone = moves.stored
  )
  update cone_members m set cone = moves.cone from moves
  where m.edition = ${edition} and m.cone = moves.stored`

const insertConeMembers = (sql: Sql, edition: string, { cones }: Rows): Statement => sql`
  insert into cone_members (edition, distinct_id, cone)
  select ${edition}::bigint, * from unnest(${Columns.texts(cones.members.map((row) => row.distinctId))}::text[],
    ${Columns.texts(cones.members.map((row) => row.cone))}::text[])`

const upsertCones = (sql: Sql, edition: string, { cones }: Rows): Statement => sql`
  insert into cones (edition, cone, size)
  select ${edition}::bigint, * from unnest(${Columns.texts(cones.sizes.map((row) => row.cone))}::text[],
    ${Columns.integers(cones.sizes.map((row) => row.size))}::int[])
  on conflict (edition, cone) do update set size = excluded.size`
