import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as StateHash from "@onymous/identity/StateHash"
import * as Dump from "./Dump.ts"
import * as SqlQueries from "./SqlQueries.ts"

const columns = {
  persons:
    "person_id, version, properties::text, is_identified, (extract(epoch from created_at) * 1000)::float8 as created_at, from_position::float8, to_position::float8",
  memberships: "distinct_id, component, from_position::float8, to_position::float8",
  components: "component, person_id, size, ids, from_position::float8, to_position::float8",
  cones: "cone, size",
  cone_members: "distinct_id, cone",
  links: "position::float8, target_id, source_id, outcome, loser, winner",
  dropped_events: "position::float8",
  state_hashes: "position::float8, state_hash",
}

/** Everything derived of a project as text: the same text that `Dump.dumpTables` gives in memory. */
export const dump = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SqlClient.SqlClient
  const lines: Array<string> = []
  for (const [table, list] of Object.entries(columns)) {
    const rows = yield* sql<Record<string, unknown>>`
      select ${sql.literal(list)} from ${sql(table)} where project_id = ${project}`
    for (const row of rows) lines.push(Dump.line(table, Object.values(row)))
  }
  const warnings = yield* SqlQueries.warnings({
    project,
    after: Position(0),
    limit: Number.MAX_SAFE_INTEGER,
  })
  for (const row of warnings) {
    const share = StateHash.toText(StateHash.ofWarning(row))
    lines.push(Dump.line("warnings", [row.position, row.type, row.at, row.eventUuid, share]))
  }
  return Dump.dump(lines)
})
