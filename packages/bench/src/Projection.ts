import { PgClient } from "@effect/sql-pg"
import { Effect, Stream } from "effect"
import { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"
import { events, filled, rate } from "./Scenario.ts"

const waitSeconds = 600

/** Reads the columns that identity needs, and does nothing with them. */
const drain = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* PgClient.PgClient
  yield* Stream.runDrain(
    sql`select position, uuid, kind, recorded_at, name, distinct_id, source_id, client_timestamp,
      sent_at, client_offset, facts::text as facts from events where project_id = ${project}
      order by position`.stream,
  )
})

/** Projecting a log, rebuilding from it, and only reading it. */
export const measure = Effect.fnUntraced(function* (count: number) {
  const projector = yield* Projector
  const log = yield* EventLog
  const project = yield* filled(events(count))
  yield* projector.wake(project)
  const followed = projector.reached(project, Position(count), waitSeconds)
  const projection = yield* rate(count, followed)
  const rebuild = yield* rate(count, Stream.runDrain(projector.rebuild(project)))
  const drained = yield* rate((yield* log.head(project)).position, drain(project))
  return {
    projection_events_per_s: projection,
    rebuild_events_per_s: rebuild,
    drain_events_per_s: drained,
    rebuild_vs_drain: rebuild / drained,
  }
})
