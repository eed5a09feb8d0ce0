import { Effect } from "effect"
import { SqlClient } from "effect/sql"

const derived = [
  "persons",
  "memberships",
  "components",
  "cones",
  "cone_members",
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
  "waiting_events",
  "personless_ids",
  "generations",
  "refusals",
  "policies",
]

/**
 * An edition is a number: its name in words stood in every row and every index. What was derived is
 * derived again.
 */
export default Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  yield* sql`create sequence editions`
  for (const table of [...derived, "checkpoints"]) {
    yield* sql`truncate ${sql(table)}`
    yield* sql`alter table ${sql(table)} alter column edition type bigint using 0`
  }
})
