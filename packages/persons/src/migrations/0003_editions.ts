import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const derived = [
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
  "waiting_events",
  "personless_ids",
  "generations",
  "refusals",
  "policies",
]

/**
 * Derived rows belong to an edition of a project: one is live, another may be in the making beside it.
 * A rebuild is published by one row of `checkpoints`, however large it is.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const table of derived) {
    yield* sql`alter table ${sql(table)} rename column project_id to edition`
  }
  yield* sql`alter table checkpoints add column edition text, add column is_live boolean`
  yield* sql`update checkpoints set edition = project_id, is_live = true`
  yield* sql`alter table checkpoints alter column edition set not null,
    alter column is_live set not null, drop constraint checkpoints_pkey, add primary key (edition)`
  yield* sql`create unique index checkpoints_live on checkpoints (project_id) where is_live`
  yield* sql`create unique index checkpoints_making on checkpoints (project_id) where not is_live`
})
