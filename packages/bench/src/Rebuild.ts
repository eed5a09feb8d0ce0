import { PgClient } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import { type Position, zero } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import * as EventRow from "@onymous/log/EventRow"
import { Projector } from "@onymous/projector/Projector"
import { Cores } from "./Cores.ts"
import { inTurns, rate } from "./Scenario.ts"

/** Selects the columns that the log's reader reads, in the same order, and does nothing with them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* PgClient.PgClient
  yield* sql`select ${sql.literal(EventRow.columns)} from events
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
const tables = ["persons", "memberships", "components", "cones", "cone_members", "links"]

/** Copies the rows that a project came to into tables with the same indexes: no event is read for it. */
const copy = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* PgClient.PgClient
  for (const table of tables) {
    yield* sql`insert into ${sql(`copied_${table}`)} select * from ${sql(table)}
      where edition = (select edition from checkpoints where project_id = ${project} and is_live)`
  }
})

/** Tables for the copies. */
export const prepare = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  for (const table of tables) {
    yield* sql`create table ${sql(`copied_${table}`)} (like ${sql(table)} including all)`
  }
})

/**
 * Derives anew, beside what is live, what a project of `count` events has, only selects or only reads the
 * events, and only copies the rows, in turns. The copies go into tables that have their indexes already,
 * while a rebuild makes them afterwards: to copy is something to compare with, and no limit. A project can
 * be measured once, since its rows can be copied once.
 */
export const measure = Effect.fnUntraced(function* (
  project: ProjectId,
  count: number,
  round: number,
) {
  const { rebuild } = yield* Projector
  const cores = new Cores()
  const [rebuilt = Number.NaN, drained = Number.NaN, wasRead = Number.NaN, copied = Number.NaN] =
    yield* inTurns(round, [
      cores.during(Stream.runDrain(rebuild(project))),
      drain(project),
      read(project),
      copy(project),
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
  }
})
