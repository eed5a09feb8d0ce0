import { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { PersonId } from "@onymous/identity/state/PersonId"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { Checkpoint } from "../Checkpoint.ts"
import { type Fate, type WaitingView, latest, waitingAt, waitingOfMax } from "../Persons.ts"
import type { ReleasedBy } from "../rows/RowChanges.ts"
import { liveOf } from "./editions/SqlEditions.ts"
import * as StoredPolicy from "./editions/StoredPolicy.ts"

/** The events that wait and are due at or before a time, in the order of their release. */
export const due = Effect.fnUntraced(function* (from: Checkpoint, until: number) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly position: number; readonly due_at: number }>`
    select position, due_at from ${sql.ours("waiting_events")}
    where edition = ${from.edition} and released_position is null and due_at <= ${PgTypes.timestamptz(until)}
    order by due_at, position`
  return rows.map((row) => ({
    position: Position(row.position),
    dueAt: row.due_at,
  }))
})

interface OverdueRow {
  readonly project_id: string
  readonly due_at: number
  readonly now: number
}

/**
 * The projects in which a waiting event is due, each with the first due time. The database's clock decides, because
 * it also stamps the events of the log.
 */
export const overdue = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<OverdueRow>`
    select c.project_id, min(w.due_at) as due_at, now() as now
    from ${sql.ours("waiting_events")} w join ${sql.ours("checkpoints")} c on c.edition = w.edition and c.is_live
    where w.released_position is null and w.due_at <= now() group by c.project_id`
  return rows.map(({ project_id, due_at: dueAt, now }) => ({
    project: ProjectId(project_id),
    dueAt,
    now,
  }))
})

/** How many events wait now in each project that has waiting events. */
export const waitingCounts = Effect.gen(function* () {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly project_id: string; readonly count: number }>`
    select c.project_id, count(*) as count
    from ${sql.ours("waiting_events")} w join ${sql.ours("checkpoints")} c on c.edition = w.edition and c.is_live
    where w.released_position is null group by c.project_id`
  return new Map(rows.map(({ project_id, count }) => [ProjectId(project_id), Number(count)]))
})

interface WaitingRow {
  readonly position: number
  readonly distinct_id: string
  readonly due_at: number
  readonly released_position: number | null
  readonly released_by: ReleasedBy | null
  readonly person_id: string | null
}

const waitingColumns = "position, distinct_id, due_at, released_position, released_by, person_id"

const toWaiting = (row: WaitingRow): WaitingView => ({
  position: Position(row.position),
  distinctId: DistinctId(row.distinct_id),
  dueAt: row.due_at,
  released:
    row.released_position === null
      ? undefined
      : {
          position: Position(row.released_position),
          by: row.released_by ?? "event",
          ...(row.person_id !== null && { personId: PersonId(row.person_id) }),
        },
})

/** The waiting events of a project, newest first; with `withReleased`, also those that had waited. */
export const waiting = Effect.fnUntraced(function* (question: {
  readonly project: ProjectId
  readonly limit: number
  readonly before?: Position
  readonly withReleased?: boolean
  readonly at?: Position
}) {
  const { before = latest, at = latest, withReleased = false } = question
  const sql = yield* SchemaClient
  const rows = yield* sql<WaitingRow>`
    select ${sql.literal(waitingColumns)} from ${sql.ours("waiting_events")}
    where edition = ${liveOf(sql, question.project)} and position < ${before} and position <= ${at}
      and (${withReleased} or coalesce(released_position > ${at}, true))
    order by position desc limit ${question.limit}`
  return rows.map((row) => waitingAt(toWaiting(row), at))
})

/** The waiting events of an id, out of the partial index of all that wait, which are few. */
export const waitingOf = Effect.fnUntraced(function* (project: ProjectId, id: DistinctId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<WaitingRow>`
    select ${sql.literal(waitingColumns)} from ${sql.ours("waiting_events")}
    where edition = ${liveOf(sql, project)} and released_position is null and distinct_id = ${id}
    order by position desc limit ${waitingOfMax}`
  return rows.map(toWaiting)
})

/** The fates of the events at these positions; an event that was processed at once has none. */
export const fates = Effect.fnUntraced(function* (
  project: ProjectId,
  positions: ReadonlyArray<Position>,
) {
  const sql = yield* SchemaClient
  const wanted = PgArrays.positions(positions)
  const waited = yield* sql<WaitingRow>`
    select ${sql.literal(waitingColumns)} from ${sql.ours("waiting_events")}
    where edition = ${liveOf(sql, project)} and position = any(${wanted}::bigint[])`
  const dropped = yield* sql<{ readonly position: number }>`
    select position from ${sql.ours("dropped_events")}
    where edition = ${liveOf(sql, project)} and position = any(${wanted}::bigint[])`
  const found = new Map<Position, Fate>()
  for (const row of waited) {
    const view = toWaiting(row)
    found.set(view.position, { _tag: "Waited", ...view })
  }
  for (const row of dropped) found.set(Position(row.position), { _tag: "Dropped" })
  return found
})

/** The position at which each id's person was last deleted. */
export const goneAt = Effect.fnUntraced(function* (
  project: ProjectId,
  ids: ReadonlyArray<DistinctId>,
  at: Position = latest,
) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly distinct_id: string; readonly position: number }>`
    select w.distinct_id, g.gone_at as position
    from unnest(${PgArrays.texts(ids)}::text[]) as w (distinct_id)
    cross join lateral (
      select gone_at from ${sql.ours("generations")} where distinct_id = w.distinct_id
        and edition = ${liveOf(sql, project)} and from_position <= ${at}
      order by from_position desc limit 1
    ) g
    where g.gone_at is not null`
  return new Map(rows.map((row) => [DistinctId(row.distinct_id), Position(row.position)] as const))
})

/** The owner of each of these ids once its position had been processed, in the same order. */
export const ownersAt = Effect.fnUntraced(function* (
  project: ProjectId,
  places: ReadonlyArray<{ readonly distinctId: DistinctId; readonly position: Position }>,
) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly person_id: string | null; readonly generation: number }>`
    select coalesce(c.person_id, m.component) as person_id, coalesce(g.generation, 0) as generation
    from unnest(${PgArrays.texts(places.map((each) => each.distinctId))}::text[],
      ${PgArrays.positions(places.map((each) => each.position))}::bigint[])
      with ordinality as asked (distinct_id, position, number)
    left join lateral (
      select component from ${sql.ours("memberships")} where distinct_id = asked.distinct_id
        and edition = ${liveOf(sql, project)} and from_position <= asked.position
        and (to_position is null or to_position > asked.position) offset 0
    ) m on true
    left join lateral (
      select person_id from ${sql.ours("components")} where component = m.component
        and edition = ${liveOf(sql, project)} and from_position <= asked.position
        and (to_position is null or to_position > asked.position) offset 0
    ) c on true
    left join lateral (
      select generation from ${sql.ours("generations")} where distinct_id = asked.distinct_id
        and edition = ${liveOf(sql, project)} and from_position <= asked.position
      order by from_position desc limit 1
    ) g on true
    order by number`
  return rows.map((row) => ({
    personId: row.person_id === null ? undefined : PersonId(row.person_id),
    generation: row.generation,
  }))
})

/** The policies of a project in order, each with the first position at which it held. */
export const policies = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly from_position: number; readonly policy: string }>`
    select from_position, policy::text as policy from ${sql.ours("policies")}
    where edition = ${liveOf(sql, project)} order by from_position`
  return yield* Effect.forEach(rows, (row) =>
    Effect.map(StoredPolicy.read(project, "policies", row.policy), (policy) => ({
      from: Position(row.from_position),
      policy,
    })),
  )
})

/** The stored state hashes, in the order of their positions. */
export const hashes = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly position: number; readonly state_hash: string }>`
    select position, state_hash from ${sql.ours("state_hashes")}
    where edition = ${liveOf(sql, project)} order by position`
  return rows.map((row) => ({
    position: Position(row.position),
    stateHash: row.state_hash,
  }))
})
