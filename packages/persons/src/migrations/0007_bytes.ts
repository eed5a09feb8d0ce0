import { Effect } from "effect"
import { SqlClient } from "effect/sql"

/** The ids by which rows are looked up, by table. */
const ids = {
  memberships: ["distinct_id"],
  cones: ["cone"],
  cone_members: ["distinct_id", "cone"],
  links: ["target_id", "source_id"],
  waiting_events: ["distinct_id"],
  personless_ids: ["distinct_id"],
  generations: ["distinct_id"],
  refusals: ["distinct_id"],
  checkpoints: ["project_id"],
}

/** Ids are compared as bytes, as in the log. */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const [table, columns] of Object.entries(ids)) {
    const types = columns.map((column) => `alter column ${column} type text collate "C"`)
    yield* sql`alter table ${sql(table)} ${sql.literal(types.join(", "))}`
  }
  // The tables of an edition in the making are not attached yet, and stay as they were: it is made anew.
  yield* sql`with gone as (
    delete from checkpoints where not is_live returning edition
  ) insert into retired_editions select edition from gone`
})
