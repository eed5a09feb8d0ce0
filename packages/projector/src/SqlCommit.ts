import { Effect } from "effect"
import { SqlClient, type SqlError } from "effect/sql"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as Columns from "@onymous/log/Columns"
import type { Checkpoint } from "./Persons.ts"
import type { Rows } from "./Rows.ts"
import * as SqlDecisions from "./SqlDecisions.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes what a page changes; each kind of row with one statement, and none where there is nothing. */
export const write = Effect.fnUntraced(function* (project: ProjectId, rows: Rows) {
  const sql = yield* SqlClient.SqlClient
  const statements: ReadonlyArray<readonly [ReadonlyArray<unknown>, () => Statement]> = [
    [rows.closedPersons, () => closePersons(sql, project, rows)],
    [rows.persons, () => insertPersons(sql, project, rows)],
    [rows.moves, () => moveMembers(sql, project, rows)],
    [rows.closedMemberships, () => closeMemberships(sql, project, rows)],
    [rows.memberships, () => insertMemberships(sql, project, rows)],
    [rows.components, () => upsertComponents(sql, project, rows)],
    [rows.cones.moves, () => moveCones(sql, project, rows)],
    [rows.cones.members, () => insertConeMembers(sql, project, rows)],
    [rows.cones.sizes, () => upsertCones(sql, project, rows)],
    ...SqlDecisions.statements(sql, project, rows),
  ]
  for (const [wanted, statement] of statements) if (wanted.length > 0) yield* statement()
})

/** Moves the checkpoint, if nobody else has: answers whether it did. */
export const advance = Effect.fnUntraced(function* (from: Checkpoint, to: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const moved = yield* sql`
    update checkpoints set position = ${to.position}, state_hash = ${to.stateHash},
      policy = ${JSON.stringify(to.policy)}::text::json, last_uuid = ${to.lastUuid ?? null}::text::uuid
    where project_id = ${from.project} and epoch = ${from.epoch} and position = ${from.position}
    returning position`
  return moved.length === 1
})

type Sql = SqlClient.SqlClient

const closePersons = (sql: Sql, project: ProjectId, { closedPersons }: Rows): Statement => sql`
  update persons p set to_position = c.to_position
  from unnest(${Columns.uuids(closedPersons.map((row) => row.id))}::uuid[],
    ${Columns.positions(closedPersons.map((row) => row.to))}::bigint[]) as c (person_id, to_position)
  where p.project_id = ${project} and p.person_id = c.person_id and p.to_position is null`

const insertPersons = (sql: Sql, project: ProjectId, { persons }: Rows): Statement => sql`
  insert into persons (project_id, person_id, version, properties, is_identified, created_at,
    from_position, to_position)
  select ${project}, * from unnest(
    ${Columns.uuids(persons.map((row) => row.person.id))}::uuid[],
    ${Columns.integers(persons.map((row) => row.person.version))}::int[],
    ${Columns.texts(persons.map((row) => JSON.stringify(row.person.properties)))}::json[],
    ${Columns.booleans(persons.map((row) => row.person.isIdentified))}::boolean[],
    ${Columns.times(persons.map((row) => row.person.createdAt))}::timestamptz[],
    ${Columns.positions(persons.map((row) => row.from))}::bigint[],
    ${Columns.positions(persons.map((row) => row.to))}::bigint[])`

/** Every id that was in a moved component gets its rows: the old one is closed, the moves are added. */
const moveMembers = (sql: Sql, project: ProjectId, { moves }: Rows): Statement => sql`
  with moves as (
    select * from unnest(
      ${Columns.uuids(moves.map((row) => row.stored))}::uuid[],
      ${Columns.uuids(moves.map((row) => row.component))}::uuid[],
      ${Columns.positions(moves.map((row) => row.from))}::bigint[],
      ${Columns.positions(moves.map((row) => row.to))}::bigint[]) as m (stored, component, from_position, to_position)
  ), leaving as (
    update memberships m set to_position = first.from_position
    from (select stored, min(from_position) as from_position from moves group by stored) first
    where m.project_id = ${project} and m.component = first.stored and m.to_position is null
    returning m.distinct_id, m.component
  )
  insert into memberships (project_id, distinct_id, component, from_position, to_position)
  select ${project}, leaving.distinct_id, moves.component, moves.from_position, moves.to_position
  from leaving join moves on moves.stored = leaving.component and moves.component is not null`

/** One that the page has moved and ends at the same position was never true. */
const closeMemberships = (sql: Sql, project: ProjectId, rows: Rows): Statement => sql`
  with closed as (
    select * from unnest(
      ${Columns.texts(rows.closedMemberships.map((row) => row.distinctId))}::text[],
      ${Columns.positions(rows.closedMemberships.map((row) => row.to))}::bigint[]) as c (distinct_id, to_position)
  ), never as (
    delete from memberships m using closed where m.project_id = ${project}
      and m.distinct_id = closed.distinct_id and m.from_position = closed.to_position
  )
  update memberships m set to_position = closed.to_position from closed
  where m.project_id = ${project} and m.distinct_id = closed.distinct_id
    and m.to_position is null and m.from_position < closed.to_position`

const insertMemberships = (sql: Sql, project: ProjectId, { memberships }: Rows): Statement => sql`
  insert into memberships (project_id, distinct_id, component, from_position, to_position)
  select ${project}, * from unnest(
    ${Columns.texts(memberships.map((row) => row.distinctId))}::text[],
    ${Columns.uuids(memberships.map((row) => row.component))}::uuid[],
    ${Columns.positions(memberships.map((row) => row.from))}::bigint[],
    ${Columns.positions(memberships.map((row) => row.to))}::bigint[])`

const upsertComponents = (sql: Sql, project: ProjectId, { components }: Rows): Statement => sql`
  insert into components (project_id, component, person_id, size, ids, first_id, first_seen,
    joined_since, joined_count, from_position, to_position)
  select ${project}, * from unnest(
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
  on conflict (project_id, component, from_position) do update
  set person_id = excluded.person_id, size = excluded.size, ids = excluded.ids,
    first_id = excluded.first_id, first_seen = excluded.first_seen,
    joined_since = excluded.joined_since, joined_count = excluded.joined_count,
    to_position = excluded.to_position`

const moveCones = (sql: Sql, project: ProjectId, { cones }: Rows): Statement => sql`
  with moves as (
    select * from unnest(${Columns.texts(cones.moves.map((row) => row.stored))}::text[],
      ${Columns.texts(cones.moves.map((row) => row.cone))}::text[]) as m (stored, cone)
  ), gone as (
    delete from cones c using moves where c.project_id = ${project} and c.cone = moves.stored
  )
  update cone_members m set cone = moves.cone from moves
  where m.project_id = ${project} and m.cone = moves.stored`

const insertConeMembers = (sql: Sql, project: ProjectId, { cones }: Rows): Statement => sql`
  insert into cone_members (project_id, distinct_id, cone)
  select ${project}, * from unnest(${Columns.texts(cones.members.map((row) => row.distinctId))}::text[],
    ${Columns.texts(cones.members.map((row) => row.cone))}::text[])`

const upsertCones = (sql: Sql, project: ProjectId, { cones }: Rows): Statement => sql`
  insert into cones (project_id, cone, size)
  select ${project}, * from unnest(${Columns.texts(cones.sizes.map((row) => row.cone))}::text[],
    ${Columns.integers(cones.sizes.map((row) => row.size))}::int[])
  on conflict (project_id, cone) do update set size = excluded.size`
