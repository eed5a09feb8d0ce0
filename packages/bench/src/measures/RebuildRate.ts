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

/** Selects the columns that the log's reader reads, in the same order, and does nothing with them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  yield* sql`select ${sql.literal(EventRow.columns)} from ${sql.ours("events")}
    where project_id = ${project} order by position`
})

/** How many events a rebuild reads at once. */
const readTogether = 2500

/** Reads and decodes the events as a rebuild does, and does nothing with them. */
export const read = Effect.fnUntraced(function* (project: ProjectId) {
  const log = yield* EventLog
  const pageAfter = (after: Position) => log.read({ project, after, limit: readTogether })
  let last = (yield* pageAfter(zero)).at(-1)
  while (last !== undefined) last = (yield* pageAfter(last.position)).at(-1)
})

/** The tables that a rebuild of this log writes. */
const tables = ["persons", "memberships", "components", "cone_links", "links"]

/** Copies the rows that a project came to into tables with the same indexes: no event is read for it. */
const copy = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  for (const table of tables) {
    yield* sql`insert into ${sql(`copied_${table}`)} select * from ${sql.ours(table)}
      where edition = (select edition from ${sql.ours("checkpoints")} where project_id = ${project} and is_live)`
  }
})

/** Tables for the copies. */
export const prepare = Effect.gen(function* () {
  const sql = yield* SchemaClient
  for (const table of tables) {
    yield* sql`create table ${sql(`copied_${table}`)} (like ${sql.ours(table)} including all)`
  }
})

/** What is derived anew. */
export interface Rebuilt {
  /** A log of `count` events, whose persons follow it. */
  readonly project: ProjectId
  readonly count: number
  readonly halves: Halves | undefined
  readonly round: number
}

/**
 * Derives anew, beside what is live, what a project has, only selects or only reads the events, only
 * copies the rows, and has workers derive halves of such a log, in turns. The copies go into tables that have their indexes already,
 * while a rebuild makes them afterwards: to copy is something to compare with, and no limit. A project can
 * be measured once, since its rows can be copied once.
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
