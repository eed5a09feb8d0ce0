import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/**
 * Projects with the heads of their logs, and events: narrow columns for identity, and the payload as `json`, which
 * costs half of `jsonb` and is never searched. Ids are compared as bytes, because no language decides which are equal,
 * and a language's order costs several times as much.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create table ${sql.ours("projects")} (
    id text collate "C" primary key,
    token text not null unique,
    key_hash text not null,
    log_id uuid not null,
    position bigint not null default 0,
    recorded_at timestamptz not null default 'epoch'
  )`
  yield* sql`create table ${sql.ours("events")} (
    project_id text collate "C" not null,
    position bigint not null,
    uuid uuid not null,
    kind text not null,
    recorded_at timestamptz not null,
    name text,
    distinct_id text collate "C",
    source_id text collate "C",
    client_timestamp text,
    sent_at text,
    client_offset float8,
    facts json,
    payload json not null,
    primary key (project_id, position)
  )`
  yield* sql`create unique index events_uuid on ${sql.ours("events")} (uuid, project_id)`
  yield* sql`create index events_distinct_id on ${sql.ours("events")} (distinct_id, project_id, position)`
  yield* sql`create index events_source_id on ${sql.ours("events")} (source_id, project_id, position)
    where source_id is not null`
  // Every fold of a cone's past reads all changes of policy, which are few.
  yield* sql`create index events_policy on ${sql.ours("events")} (project_id, position)
    where kind = 'policy_changed'`
  // Statistics would take a new project for empty, and look-ups would then scan it.
  yield* sql`alter table ${sql.ours("events")} alter column project_id set statistics 0`
})
