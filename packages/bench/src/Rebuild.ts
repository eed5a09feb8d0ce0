import { PgClient } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import type { ProjectId } from "@onymous/identity/ProjectId"
import * as EventRow from "@onymous/log/EventRow"
import { Projector } from "@onymous/projector/Projector"
import { millis } from "./Scenario.ts"

/** Reads the columns that the projector reads, in the same order, and does nothing with them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* PgClient.PgClient
  yield* sql`select ${sql.literal(EventRow.columns)} from events
    where project_id = ${project} order by position`
})

/** Deletes and derives again what a project of `count` events had, and only reads the events. */
export const measure = Effect.fnUntraced(function* (project: ProjectId, count: number) {
  const { rebuild } = yield* Projector
  const rebuilt = yield* millis(Stream.runDrain(rebuild(project)))
  const drained = yield* millis(drain(project))
  return {
    rebuild_events_per_s: (count / rebuilt) * 1000,
    drain_events_per_s: (count / drained) * 1000,
    rebuild_vs_drain: drained / rebuilt,
  }
})
