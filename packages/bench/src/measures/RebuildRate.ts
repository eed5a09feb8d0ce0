import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import { type Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as EventRow from "@onymous/log/sql/EventRow"
import { Projector } from "@onymous/projector/Projector"
import { Cores } from "../load/Cores.ts"
import type { Halves } from "./Halves.ts"
import { inTurns, rate } from "../load/Scenario.ts"

/** Selects the columns that the log's reader reads, in the same order, and discards them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  yield* sql`select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where project_id = ${project} order by position`
})

/** Events in a page that a rebuild reads. */
const readSize = 2500

/** Reads and decodes the events as a rebuild does, and discards them. */
export const read = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const pageAfter = (after: Position) => log.read({ project, after, limit: readSize })
  let last = (yield* pageAfter(zero)).at(-1)
  while (last !== undefined) last = (yield* pageAfter(last.position)).at(-1)
})

/** The tables that a rebuild of this log writes. */
const tables = ["persons", "memberships", "components", "cone_links", "links"]

/**
 * Copies the derived rows of a project into tables with the same indexes, without reading an event.
 */
const copy = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  for (const table of tables) {
    yield* sql`insert into ${sql(`copied_${table}`)} select * from ${sql.ours(table)}
      where edition = (select edition from ${sql.ours("checkpoints")} where project_id = ${project} and is_live)`
  }
})

/** Creates the tables for the copies. */
export const prepare = Effect.gen(function* () {
  const sql = yield* SchemaClient
  for (const table of tables) {
    yield* sql`create table ${sql(`copied_${table}`)} (like ${sql.ours(table)} including all)`
  }
})

/** The project to rebuild, and the comparisons. */
export interface Rebuilt {
  /** A log of `count` events, with its persons caught up. */
  readonly project: ProjectId
  readonly count: number
  readonly halves: Halves | undefined
  readonly round: number
}

/**
 * Rebuilds a project beside the live edition, selects the events, reads them, copies the rows, and
 * lets workers derive halves of such a log, in turns. The copies go into tables with indexes, while
 * a rebuild makes the indexes afterwards, so the copy is a comparison and no limit. A project
 * serves one measurement, because its rows can be copied once.
 */
export const measure = Effect.fnUntraced(function* ({ project, count, halves, round }: Rebuilt) {
  const { rebuild } = yield* Projector
  const cores = new Cores()
  const [rebuilt = 0, drained = 0, wasRead = 0, copied = 0, inHalves = 0] = yield* inTurns(round, [
    cores.during(rebuild(project)),
    drain(project),
    read(project),
    copy(project),
    ...(halves === undefined ? [] : [halves.rebuild]),
  ])
  return {
    rebuild_events_per_s: rate(count, rebuilt),
    rebuild_cores_busy: cores.busy,
    rebuild_never_idle_events_per_s: rate(count, rebuilt * cores.busy),
    drain_events_per_s: rate(count, drained),
    drain_as_arrays_events_per_s: rate(count, wasRead),
    rows_copied_events_per_s: rate(count, copied),
    rebuild_vs_drain: drained / rebuilt,
    rebuild_vs_read: wasRead / rebuilt,
    rebuild_vs_rows_copied: copied / rebuilt,
    ...(halves && { rebuild_in_halves_vs_whole: rebuilt / inHalves }),
  }
})
