import { PgClient } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as EventRow from "@onymous/log/EventRow"
import { Projector } from "@onymous/projector/Projector"
import { millis, rate } from "./Scenario.ts"

/** Reads the columns that the projector reads, in the same order, and does nothing with them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* PgClient.PgClient
  yield* sql`select ${sql.literal(EventRow.columns)} from events
    where project_id = ${project} order by position`
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
 * Deletes and derives again what a project of `count` events had, only reads the events, and only
 * writes the rows: the last is the most that a rebuild could come to.
 */
export const measure = Effect.fnUntraced(function* (project: ProjectId, count: number) {
  const { rebuild } = yield* Projector
  const rebuilt = yield* millis(Stream.runDrain(rebuild(project)))
  const drained = yield* millis(drain(project))
  const copied = yield* millis(copy(project))
  return {
    rebuild_events_per_s: rate(count, rebuilt),
    drain_events_per_s: rate(count, drained),
    rows_copied_events_per_s: rate(count, copied),
    rebuild_vs_drain: drained / rebuilt,
    rebuild_vs_rows_copied: copied / rebuilt,
  }
})
