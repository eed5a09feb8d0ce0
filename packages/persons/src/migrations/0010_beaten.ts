import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** It is known when somebody last made an edition: one that is left for long is nobody's any more. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`alter table edition_beats add column beaten_at timestamptz not null default now()`
})
