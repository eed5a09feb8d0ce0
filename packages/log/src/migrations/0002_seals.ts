import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/**
 * Each event has the checksum of its contents, and the last one of a commit the seal of all events up to it
 * (`Seal`). Events from before have neither: `unsealed` says up to where. Their payloads stay as they are.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [events, projects] = [sql.ours("events"), sql.ours("projects")]
  yield* sql`alter table ${events} add column checksum bigint, add column seal bytea`
  yield* sql`alter table ${projects} add column seal bytea not null default '',
    add column unsealed bigint not null default 0`
  // Longer ids were taken from files: from now on an id is cut alike wherever it stands.
  yield* sql`update ${events} set distinct_id = left(distinct_id, 200), source_id = left(source_id, 200)
    where length(distinct_id) > 200 or length(source_id) > 200`
  yield* sql`update ${projects} set unsealed = position where position > 0`
})
