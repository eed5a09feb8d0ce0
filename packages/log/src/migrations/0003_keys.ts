import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"

/** The hash of the empty text, which earlier versions took for a key. */
const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/**
 * Gives a project several keys. At most one key of a name holds at a time; ended keys stay, so that operators see
 * them. The single key of earlier versions becomes the server's.
 */
export default Effect.gen(function* () {
  const sql = yield* SchemaClient
  const [projects, keys] = [sql.ours("projects"), sql.ours("project_keys")]
  yield* sql`create table ${keys} (
    project_id text collate "C" not null,
    name text collate "C" not null,
    hash text not null,
    made_at timestamptz not null default now(),
    ended_at timestamptz
  )`
  yield* sql`create unique index project_keys_name on ${keys} (project_id, name)
    where ended_at is null`
  yield* sql`insert into ${keys} (project_id, name, hash)
    select id, 'serve', key_hash from ${projects} where key_hash not in ('', ${empty})`
  yield* sql`alter table ${projects} drop column key_hash`
})
