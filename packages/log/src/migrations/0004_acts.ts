import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/** An index for the list of operators' acts, which are few among the events. */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create index events_acts on ${sql.ours("events")} (project_id, position)
    where kind in ('operated', 'policy_changed')`
})
