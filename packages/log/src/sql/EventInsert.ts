import { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { aheadMax, projectNotFound } from "../EventLog.ts"
import * as Seal from "../Seal.ts"
import * as EventRow from "./EventRow.ts"

/** The latest time of a log, by the database's clock, because that of this process may be wrong. */
const latest = `now() + interval '${aheadMax} milliseconds'`

const before = Seal.beforeOf("project", { seal: "seal", position: "position" })

/** The position and time of an event, out of milliseconds, because taking a time apart is slow. */
const place = Seal.placeOf(
  "(head.position + number)",
  "greatest(least(e.milliseconds * 1000, head.latest_us), head.earliest_us)",
)

/** The position and time of an event at the new head. */
const placeOfHead = Seal.placeOf("position", Seal.microsecondsOf("recorded_at"))

/**
 * Inserts one event, moves the head and notifies, without arrays and without a lock of its own, because these are a
 * fifth of what Postgres does for a lone event.
 */
const insertOne = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  incoming: Incoming,
  now: number,
) {
  const row = EventRow.rowOf(incoming)
  const checksum = PgTypes.int8(BigInt(Seal.checksumOf(row)))
  const time = PgTypes.timestamptz(incoming.recordedAt ?? now)
  const [inserted] = yield* sql<{ readonly position: number }>`
    with head as (
      update ${sql.ours("projects")} project set position = position + 1,
        recorded_at = greatest(least(${time}, ${sql.literal(latest)}), recorded_at),
        seal = sha256(${sql.literal(before)} || array_send(array[${checksum}]))
      where id = ${project} returning id, position, recorded_at, seal
    )
    insert into ${sql.ours("events")} (project_id, position, recorded_at, uuid, kind, name, distinct_id,
      source_id, client_timestamp, sent_at, client_offset, facts, payload, checksum, seal)
    select id, position, recorded_at, ${PgTypes.uuid(row.uuid)}, ${PgTypes.text(row.kind)},
      ${PgTypes.text(row.name)}, ${PgTypes.text(row.distinct_id)}, ${PgTypes.text(row.source_id)},
      ${PgTypes.text(row.client_timestamp)}, ${PgTypes.text(row.sent_at)}, ${PgTypes.float8(row.client_offset)},
      ${PgTypes.text(row.facts)}::json, ${PgTypes.text(row.payload)}::json,
      ${checksum} # ${sql.literal(placeOfHead)}, seal
    from head returning position, pg_notify(${sql.schema}, project_id)`
  return inserted?.position
})

/**
 * Inserts events, moves the head and notifies by one statement, under the lock of the project's head. The lock's
 * holder commits before anyone else gets positions, so positions are in commit order. JSON columns come as texts,
 * because Postgres would parse an array of JSON while it plans, which takes as long as all the rest.
 */
const insertMany = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  added: ReadonlyArray<Incoming>,
  now: number,
) {
  let last = Number.NEGATIVE_INFINITY
  const times = added.map(({ recordedAt = now }) => (last = Math.max(last, recordedAt)))
  const { columns, checksums } = EventRow.toColumns(added)
  const [uuids, kinds, names, ids, sources, timestamps, sentAts, offsets, facts, payloads] = columns
  const rows = yield* sql<{ readonly position: number }>`
    with head as materialized (
      select project.*, ${sql.literal(latest)} as latest, ${sql.literal(Seal.microsecondsOf("recorded_at"))} as earliest_us,
        ${sql.literal(Seal.microsecondsOf(latest))} as latest_us,
        sha256(${sql.literal(before)} || array_send(${checksums}::bigint[])) as next_seal
      from ${sql.ours("projects")} project where id = ${project} for update
    ), inserted as (
      insert into ${sql.ours("events")} (project_id, position, recorded_at, uuid, kind, name, distinct_id,
        source_id, client_timestamp, sent_at, client_offset, facts, payload, checksum, seal)
      select head.id, head.position + number, greatest(least(e.recorded_at, head.latest), head.recorded_at), uuid,
        kind, name, distinct_id, source_id, client_timestamp, sent_at, client_offset, facts::json,
        payload::json, checksum # ${sql.literal(place)},
        case when number = ${added.length}::bigint then head.next_seal end
      from head, unnest(${PgArrays.times(times)}::timestamptz[], ${uuids}::uuid[],
        ${kinds}::text[], ${names}::text[], ${ids}::text[], ${sources}::text[],
        ${timestamps}::text[], ${sentAts}::text[], ${offsets}::float8[], ${facts}::text[],
        ${payloads}::text[], ${checksums}::bigint[], ${PgArrays.positions(times)}::bigint[])
        with ordinality as e (recorded_at, uuid, kind, name, distinct_id, source_id,
          client_timestamp, sent_at, client_offset, facts, payload, checksum, milliseconds, number)
    ), moved as (
      update ${sql.ours("projects")} p set position = head.position + ${added.length}::bigint,
        recorded_at = greatest(least(${PgTypes.timestamptz(last)}, head.latest), head.recorded_at),
        seal = head.next_seal
      from head where p.id = head.id
    )
    select head.position + ${added.length}::bigint as position, pg_notify(${sql.schema}, head.id)
    from head`
  return rows[0]?.position
})

/**
 * Inserts events at the end of their log, and tells where that is then. Fails as a whole where one of the events is
 * there already.
 */
export const insert = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  added: ReadonlyArray<Incoming>,
  now: number,
) {
  const [first] = added
  const isAlone = first !== undefined && added.length === 1
  const position = yield* isAlone
    ? insertOne(sql, project, first, now)
    : insertMany(sql, project, added, now)
  return position === undefined ? yield* projectNotFound(project) : Position(position)
})
