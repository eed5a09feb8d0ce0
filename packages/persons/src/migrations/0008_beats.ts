import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * What tells that an edition is made is not in the row that its commits hold; and of a retired one it is
 * known how much room it takes.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create table edition_beats (edition bigint primary key, beats bigint not null)`
  yield* sql`alter table checkpoints drop column beats`
  yield* sql`alter table retired_editions add column events bigint not null default 0`
})
