import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/**
 * What a retraction may take back: warnings end, an id may have fewer persons behind it than before,
 * and its deletion may never have been.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`alter table warnings add column to_position bigint`
  yield* sql`alter table warnings drop constraint warnings_pkey,
    add primary key (edition, position, ordinal, from_position)`
  yield* sql`alter table generations add column gone_at bigint`
  yield* sql`update generations g set gone_at = (
    select max(from_position) from generations other where other.edition = g.edition
      and other.distinct_id = g.distinct_id and other.is_gone
      and other.from_position <= g.from_position
  )`
  yield* sql`alter table generations drop constraint generations_pkey,
    add primary key (distinct_id, edition, from_position), drop column is_gone`
})
