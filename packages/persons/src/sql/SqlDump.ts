import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as TableDump from "../memory/TableDump.ts"
import * as WarningQueries from "./WarningQueries.ts"
import { liveOf } from "./editions/SqlEditions.ts"

const columns = {
  persons:
    "person_id, version, properties::text, is_identified, created_at, from_position, to_position",
  memberships: "distinct_id, component, from_position, to_position",
  components:
    "component, person_id, size, ids, first_id, first_seen, joined_since, joined_count, from_position, to_position",
  cones: "cone, size",
  cone_members: "distinct_id, cone",
  links: "event_position, position, target_id, source_id, outcome, loser, winner",
  dropped_events: "position, from_position",
  waiting_events: "position, distinct_id, due_at, released_position, released_by, person_id",
  personless_ids: "distinct_id, from_position, to_position",
  generations: "distinct_id, generation, from_position, gone_at",
  refusals: "distinct_id, count",
  policies: "from_position, policy::text",
  state_hashes: "position, state_hash",
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
