import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/**
 * Adds the checksums of events and the seals of commits (`Seal`). Earlier events have neither; `unsealed` is the
 * position of the last one of them.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [events, projects] = [sql.ours("events"), sql.ours("projects")]
  yield* sql`alter table ${events} add column checksum bigint, add column seal bytea`
  yield* sql`alter table ${projects} add column seal bytea not null default '',
    add column unsealed bigint not null default 0`
  // Files could bring longer ids; from now on, ids are cut wherever they stand.
  yield* sql`update ${events} set distinct_id = left(distinct_id, 200), source_id = left(source_id, 200)
    where length(distinct_id) > 200 or length(source_id) > 200`
  yield* sql`update ${projects} set unsealed = position where position > 0`
})
