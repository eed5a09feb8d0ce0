import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as TableDump from "../memory/TableDump.ts"
import * as WarningQueries from "./WarningQueries.ts"
import { liveOf } from "./editions/SqlEditions.ts"

const columns = {
  persons:
    "person_id, version, properties::text, is_identified, (extract(epoch from created_at) * 1000)::float8 as created_at, from_position::float8, to_position::float8",
  memberships: "distinct_id, component, from_position::float8, to_position::float8",
  components:
    "component, person_id, size, ids, first_id, first_seen::float8, (extract(epoch from joined_since) * 1000)::float8 as joined_since, joined_count, from_position::float8, to_position::float8",
  cones: "cone, size",
  cone_members: "distinct_id, cone",
  links: "event_position::float8, position::float8, target_id, source_id, outcome, loser, winner",
  dropped_events: "position::float8, from_position::float8",
  waiting_events:
    "position::float8, distinct_id, (extract(epoch from due_at) * 1000)::float8 as due_at, released_position::float8, released_by, person_id",
  personless_ids: "distinct_id, from_position::float8, to_position::float8",
  generations: "distinct_id, generation, from_position::float8, gone_at::float8",
  refusals: "distinct_id, count",
  policies: "from_position::float8, policy::text",
  state_hashes: "position::float8, state_hash",
}

/** Everything derived of a project as text: the same text that `Dump.dumpTables` gives in memory. */
export const dump = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SqlClient.SqlClient
  const lines: Array<string> = []
  for (const [table, list] of Object.entries(columns)) {
    const rows = yield* sql<Record<string, unknown>>`
      select ${sql.literal(list)} from ${sql(table)} where edition = ${liveOf(sql, project)}`
    for (const row of rows) lines.push(TableDump.line(table, Object.values(row)))
  }
  for (const { warning, from, to } of yield* WarningQueries.rows(project)) {
    const share = StateHash.toText(StateHash.ofWarning(warning))
    const { position, type, at, eventUuid } = warning
    lines.push(TableDump.line("warnings", [from, to, position, type, at, eventUuid, share]))
  }
  return TableDump.dump(lines)
})
