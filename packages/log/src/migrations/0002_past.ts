import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * What is asked for whenever a part of the past is folded again: changes of policy, which are few, and
 * the events that name an id as the one to be merged.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create index events_policy on events (project_id, position)
    where kind = 'policy_changed'`
  yield* sql`create index events_source_id on events (source_id, project_id, position)
    where source_id is not null`
})
