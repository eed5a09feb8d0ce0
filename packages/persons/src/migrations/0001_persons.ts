import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * The tables of the read model. Rows with `from_position` are history: true from there until before
 * `to_position`, and still true where that is null.
 *
 * Keys begin with what is looked up, and there are no statistics of projects: for one that they do not
 * know yet, Postgres would take any index that begins with the project, and read the whole of it.
 */
export default Effect.suspend(() =>
  Effect.all([persons, cones, decisions, noStatistics], { discard: true }),
)

const persons = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table checkpoints (
    project_id text primary key,
    position bigint not null,
    epoch bigint not null,
    state_hash text not null,
    policy json not null,
    log_id uuid not null,
    last_uuid uuid
  )`
  yield* sql`create table persons (
    project_id text not null,
    person_id uuid not null,
    version integer not null,
    properties json not null,
    is_identified boolean not null,
    created_at timestamptz not null,
    from_position bigint not null,
    to_position bigint,
    primary key (person_id, project_id, from_position)
  )`
  yield* sql`create index persons_newest on persons (project_id, created_at desc)
    where to_position is null`
  yield* sql`create table memberships (
    project_id text not null,
    distinct_id text not null,
    component uuid not null,
    from_position bigint not null,
    to_position bigint,
    primary key (distinct_id, project_id, from_position)
  )`
  yield* sql`create index memberships_component on memberships (component)`
  yield* sql`create table components (
    project_id text not null,
    component uuid not null,
    person_id uuid not null,
    size integer,
    ids text,
    from_position bigint not null,
    to_position bigint,
    primary key (component, project_id, from_position)
  )`
  yield* sql`create index components_person on components (person_id)`
})

const cones = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table cones (
    project_id text not null,
    cone text not null,
    size integer not null,
    primary key (cone, project_id)
  )`
  yield* sql`create table cone_members (
    project_id text not null,
    distinct_id text not null,
    cone text not null,
    primary key (distinct_id, project_id)
  )`
  yield* sql`create index cone_members_cone on cone_members (cone)`
})

const decisions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table links (
    project_id text not null,
    position bigint not null,
    target_id text not null,
    source_id text not null,
    outcome text not null,
    loser uuid,
    winner uuid,
    primary key (project_id, position)
  )`
  yield* sql`create index links_target on links (target_id)`
  yield* sql`create index links_source on links (source_id)`
  yield* sql`create index links_loser on links (loser) where loser is not null`
  yield* sql`create table warnings (
    project_id text not null,
    position bigint not null,
    ordinal integer not null,
    type text not null,
    at timestamptz not null,
    event_uuid uuid not null,
    details json not null,
    primary key (project_id, position, ordinal)
  )`
  yield* sql`create index warnings_type on warnings (project_id, type, position)`
  yield* sql`create table dropped_events (
    project_id text not null,
    position bigint not null,
    primary key (project_id, position)
  )`
  yield* sql`create table state_hashes (
    project_id text not null,
    position bigint not null,
    state_hash text not null,
    primary key (project_id, position)
  )`
})

const tables = [
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
]

const noStatistics = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const table of tables) {
    yield* sql`alter table ${sql(table)} alter column project_id set statistics 0`
  }
})
