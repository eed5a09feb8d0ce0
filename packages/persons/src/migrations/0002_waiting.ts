import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * What came with the buffer, with personless events and with what operators do: events that wait, ids
 * without a person, ids whose person is gone, and the policies as they held.
 */
export default Effect.suspend(() => Effect.all([extended, created], { discard: true }))

const extended = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`alter table components
    add column first_id text,
    add column first_seen bigint,
    add column joined_since timestamptz,
    add column joined_count integer`
  // Rows from before were decided where their event lies.
  yield* sql`alter table links add column event_position bigint`
  yield* sql`update links set event_position = position`
  yield* sql`alter table links alter column event_position set not null`
  yield* sql`alter table links drop constraint links_pkey`
  yield* sql`alter table links add primary key (project_id, event_position)`
  yield* sql`alter table warnings add column from_position bigint`
  yield* sql`update warnings set from_position = position`
  yield* sql`alter table warnings alter column from_position set not null`
  yield* sql`alter table dropped_events add column from_position bigint`
  yield* sql`update dropped_events set from_position = position`
  yield* sql`alter table dropped_events alter column from_position set not null`
})

const created = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table waiting_events (
    project_id text not null,
    position bigint not null,
    distinct_id text not null,
    due_at timestamptz not null,
    released_position bigint,
    released_by text,
    person_id uuid,
    primary key (project_id, position)
  )`
  yield* sql`create index waiting_events_due on waiting_events (due_at, project_id)
    where released_position is null`
  yield* sql`create table personless_ids (
    project_id text not null,
    distinct_id text not null,
    from_position bigint not null,
    to_position bigint,
    primary key (distinct_id, project_id, from_position)
  )`
  yield* sql`create table generations (
    project_id text not null,
    distinct_id text not null,
    generation integer not null,
    from_position bigint not null,
    is_gone boolean not null,
    primary key (distinct_id, project_id, generation)
  )`
  yield* sql`create table refusals (
    project_id text not null,
    distinct_id text not null,
    count integer not null,
    primary key (distinct_id, project_id)
  )`
  yield* sql`create table policies (
    project_id text not null,
    from_position bigint not null,
    policy json not null,
    primary key (project_id, from_position)
  )`
  for (const table of ["waiting_events", "personless_ids", "generations", "refusals", "policies"]) {
    yield* sql`alter table ${sql(table)} alter column project_id set statistics 0`
  }
})
