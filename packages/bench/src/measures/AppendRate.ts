import { Effect } from "effect"
import { randomUUID } from "node:crypto"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { Database } from "@onymous/database/Database"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { EventLog } from "@onymous/log/EventLog"
import * as EventRow from "@onymous/log/sql/EventRow"
import * as Emmett from "../baselines/Emmett.ts"
import { type Batches, batches, batchSize, inParts, policyEvent, rate } from "../load/Scenario.ts"

/** Appends batch after batch, each after the commit of the one before. */
export const append = Effect.fnUntraced(function* (project: ProjectId, log: Batches) {
  const { append } = yield* EventLog
  for (const batch of log) yield* append(project, batch)
})

/** A project for bare inserts; no projector hears of it. */
export const newBareProject = (): ProjectId => ProjectId(randomUUID())

/**
 * Inserts the same rows in the same batches into the same table, whose indexes are equally large
 * for both, over connections that also keep their plans. It does nothing else: no head, no commit
 * order, no notification.
 */
export const insert = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  log: Batches,
  after = 0,
) {
  let position = after
  for (const batch of log) {
    const now = Date.now()
    const times = PgArrays.times(batch.map(() => now))
    const positions = PgArrays.positions(batch.map(() => ++position))
    const { columns } = EventRow.toColumns(batch)
    const [uuids, kinds, names, ids, sources, timestamps, sentAts, offsets, facts, payloads] =
      columns
    yield* sql`
      insert into ${sql.ours("events")} (project_id, position, recorded_at, uuid, kind, name, distinct_id,
        source_id, client_timestamp, sent_at, client_offset, facts, payload)
      select ${project}, position, recorded_at, uuid, kind, name, distinct_id, source_id,
        client_timestamp, sent_at, client_offset, facts::json, payload::json
      from unnest(${positions}::bigint[], ${times}::timestamptz[],
        ${uuids}::uuid[], ${kinds}::text[], ${names}::text[], ${ids}::text[], ${sources}::text[],
        ${timestamps}::text[], ${sentAts}::text[], ${offsets}::float8[], ${facts}::text[],
        ${payloads}::text[]) as e (position, recorded_at, uuid, kind, name, distinct_id, source_id,
          client_timestamp, sent_at, client_offset, facts, payload)`
  }
})

/** A project without a buffer, so that a projector has every person to make. */
export const newProject = Effect.gen(function* () {
  const log = yield* EventLog
  const project = ProjectId(randomUUID())
  yield* log.createProject({ id: project, token: project, keyHash: "" })
  yield* log.append(project, [policyEvent({ buffer_enabled: false })])
  return project
})

/** Appends a log of `count` events to a new project, and inserts the same rows bare, in turns. */
export const measure = Effect.fnUntraced(function* (count: number, round: number) {
  const { appends } = yield* Database
  const project = yield* newProject
  const bare = newBareProject()
  const log = batches(count)
  const [appended = 0, inserted = 0] = yield* inParts(round, log, (part, start) => [
    append(project, part),
    insert(appends, bare, part, start * batchSize),
  ])
  return {
    append_events_per_s: rate(count, appended),
    unnest_events_per_s: rate(count, inserted),
    append_vs_unnest: inserted / appended,
  }
})

/** Events in a batch of the comparison with Emmett. */
const smallBatchSize = 100

/** Appends the same log in small batches here and with Emmett, and inserts it bare, in turns. */
export const measureEmmett = Effect.fnUntraced(function* (
  emmett: Emmett.Emmett,
  count: number,
  round: number,
) {
  const { appends } = yield* Database
  const project = yield* newProject
  const bare = newBareProject()
  const log = batches(count, smallBatchSize)
  const events = Emmett.toEvents(log)
  const stream = Emmett.newStream()
  const [ours = 0, theirs = 0, inserted = 0] = yield* inParts(round, log, (part, start) => [
    append(project, part),
    Emmett.append(emmett, stream, events.slice(start, start + part.length)),
    insert(appends, bare, part, start * smallBatchSize),
  ])
  return {
    append_100_events_per_s: rate(count, ours),
    emmett_append_events_per_s: rate(count, theirs),
    append_vs_emmett: theirs / ours,
    unnest_100_vs_emmett: theirs / inserted,
  }
})

/** Runs both once, so that their code is compiled. */
export const warm = Effect.suspend(() => measure(4 * batchSize, 0))
