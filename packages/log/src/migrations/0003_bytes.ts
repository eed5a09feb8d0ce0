import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** Ids are compared as bytes: no language has a say in which are equal, and its order costs several times as much. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`alter table projects alter column id type text collate "C"`
  yield* sql`alter table events alter column project_id type text collate "C",
    alter column distinct_id type text collate "C", alter column source_id type text collate "C"`
})
