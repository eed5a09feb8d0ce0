import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** It is known by which rules an edition was made: all that are there were made by the first ones. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`alter table checkpoints add column version integer not null default 1`
})
