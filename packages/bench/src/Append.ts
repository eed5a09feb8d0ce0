import { PgClient } from "@effect/sql-pg"
import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import { ProjectId } from "@onymous/identity/ProjectId"
import * as Columns from "@onymous/log/Columns"
import { EventLog } from "@onymous/log/EventLog"
import * as EventRow from "@onymous/log/EventRow"
import { batches, batchSize, millis, policyEvent } from "./Scenario.ts"

type Batches = ReturnType<typeof batches>

/** A second table with the columns and indexes of the log's, which nothing else writes. */
export const prepare = Effect.gen(function* () {
  const sql = yield* PgClient.PgClient
  yield* sql`create table raw_events (like events including all)`
  yield* sql`alter table raw_events alter column project_id set statistics 0`
})

const append = Effect.fnUntraced(function* (project: ProjectId, log: Batches) {
  const { append } = yield* EventLog
  for (const batch of log) yield* append(project, batch)
})

/** The same rows in the same columns and batches, and nothing else: no lock, no look for duplicates. */
const insert = Effect.fnUntraced(function* (project: ProjectId, log: Batches) {
  const sql = yield* PgClient.PgClient
  for (const [number, batch] of log.entries()) {
    const now = Date.now()
    const times = Columns.times(batch.map(() => now))
    const positions = Columns.positions(batch.map((_, index) => number * batchSize + index + 2))
    const [uuids, kinds, names, ids, sources, timestamps, sentAts, offsets, facts, payloads] =
      EventRow.toColumns(batch)
    yield* sql`
      insert into raw_events (project_id, position, recorded_at, uuid, kind, name, distinct_id,
        source_id, client_timestamp, sent_at, client_offset, facts, payload)
      select ${project}, * from unnest(${positions}::bigint[], ${times}::timestamptz[],
        ${uuids}::uuid[], ${kinds}::text[], ${names}::text[], ${ids}::text[], ${sources}::text[],
        ${timestamps}::text[], ${sentAts}::text[], ${offsets}::float8[], ${facts}::json[],
        ${payloads}::json[])`
  }
})

/**
 * Appends a log of `count` events to a new project, and inserts the same rows bare; who goes first
 * changes from round to round. Answers with the project too, for what is measured on it next.
 */
export const measure = Effect.fnUntraced(function* (count: number, round: number) {
  const { createProject, append: appendAlone } = yield* EventLog
  const project = ProjectId(randomUUID())
  yield* createProject({ id: project, token: project, keyHash: "" })
  // Nothing waits, so that what is measured next has all persons to make.
  yield* appendAlone(project, [policyEvent({ buffer_enabled: false })])
  const log = batches(count)
  const insertFirst = round % 2 === 1
  const before = insertFirst ? yield* millis(insert(project, log)) : 0
  const appended = yield* millis(append(project, log))
  const inserted = insertFirst ? before : yield* millis(insert(project, log))
  const figures = {
    append_events_per_s: (count / appended) * 1000,
    unnest_events_per_s: (count / inserted) * 1000,
    append_vs_unnest: inserted / appended,
  }
  return { project, figures }
})
