import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/** The acts of operators are few among the events, and listed by themselves. */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  yield* sql`create index events_acts on ${sql.ours("events")} (project_id, position)
    where kind in ('operated', 'policy_changed')`
})
