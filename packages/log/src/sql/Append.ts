import { PgTypes } from "@effect/sql-pg"
import { Array as Arr, Clock, Data, Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { codeOf } from "@onymous/database/ErrorText"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as Transaction from "@onymous/database/sql/Transaction"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { aheadMax, EventLogError, type Place, projectNotFound } from "../EventLog.ts"
import * as EventContents from "../EventContents.ts"
import * as EventRow from "./EventRow.ts"
import * as Seal from "../Seal.ts"
import type { Committed } from "../GroupCommit.ts"

interface HeadRow {
  readonly position: number
  readonly recorded_at: number
}

/** True where a row is there already. */
export const isUniqueViolation = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "UniqueViolation"

/** The latest time of a log, by the database's clock: that of this process may be wrong. */
const latest = `now() + interval '${aheadMax} milliseconds'`

const before = Seal.beforeOf("project", { seal: "seal", position: "position" })

/** The place and time of an event, without a time to be taken apart for each. */
const place = Seal.placeOf(
  "(head.position + number)",
  "greatest(least(e.milliseconds * 1000, head.latest_us), head.earliest_us)",
)

/**
 * Events, head and notification in one statement, under the lock of the project's head: whoever holds
 * it gives the next positions and commits before anybody else may, so that the order of positions is
 * the order of commits. Fails as a whole where one of the events is there already. Texts become JSON one
 * by one: of an array, Postgres does that while it plans, which takes as long as all the rest.
 */
const insert = Effect.fnUntraced(function* (
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
  const [row] = rows
  return row === undefined ? yield* projectNotFound(project) : Position(row.position)
})

/** The places and payloads of those of the events whose uuids the log has, by uuid. */
const knownOf = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  incoming: ReadonlyArray<Incoming>,
) {
  // `offset 0` keeps this a look-up for each: joined, a project unknown to the statistics is read whole.
  const uuids = PgArrays.uuids(incoming.map(({ event }) => event.uuid))
  const rows = yield* sql<KnownRow>`
    select known.uuid, known.position, known.payload from unnest(${uuids}::uuid[]) as given (uuid)
    cross join lateral (
      select uuid, position, payload::text as payload from ${sql.ours("events")}
      where uuid = given.uuid and project_id = ${project} offset 0) known`
  return new Map<string, Known>(rows.map((row) => [row.uuid, row]))
})

interface Known {
  readonly position: number
  readonly payload: string
}

interface KnownRow extends Known {
  readonly uuid: string
}

/** More events at a time took Postgres longer for each, and this process too long without a pause. */
const chunkSize = 2_000

/** Appends those of the events that the log does not have. */
const appendSome = Effect.fn("EventLog.appendSome")(function* (
  sql: Sql,
  project: ProjectId,
  incoming: ReadonlyArray<Incoming>,
) {
  const now = yield* Clock.currentTimeMillis
  const [head] = yield* sql<HeadRow>`
    select position, recorded_at from ${sql.ours("projects")} where id = ${project} for update`
  if (head === undefined) return yield* projectNotFound(project)
  const places: Array<Place> = []
  const reused = new Set<number>()
  let { position } = head
  for (const chunk of Arr.chunksOf(incoming, chunkSize)) {
    const known = yield* knownOf(sql, project, chunk)
    const events = chunk.filter(({ event, payload }) => {
      const first = known.get(event.uuid)
      const isNew = first === undefined
      if (isNew) known.set(event.uuid, { position: ++position, payload })
      else if (!EventContents.isSame(first.payload, payload)) reused.add(places.length)
      places.push({ position: Position(first?.position ?? position), isNew })
      return isNew
    })
    if (events.length > 0) yield* insert(sql, project, events, now)
  }
  return { places, reused }
})

/** Appends events that the log does not have; of very many, some at a time in one transaction. */
const appendAll = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  incoming: Arr.NonEmptyReadonlyArray<Incoming>,
) {
  const now = yield* Clock.currentTimeMillis
  const chunks = Arr.chunksOf(incoming, chunkSize)
  const inserted = Effect.forEach(chunks, (chunk) => insert(sql, project, chunk, now))
  const ends = yield* chunks.length === 1 ? inserted : Transaction.run(sql, inserted)
  const end = ends.at(-1) ?? 0
  const places = incoming.map((_, index) => ({
    position: Position(end - incoming.length + index + 1),
    isNew: true,
  }))
  return { places, reused: new Set<number>() }
})

/**
 * What Postgres says of values: data exceptions, constraints other than that a row is there already, limits of a
 * program. It says so again, however often it is asked.
 */
const ofContents = /^(?:22|23(?!505)|54)/

const isOfContents = (error: { readonly _tag: string }): error is SqlError.SqlError =>
  error._tag === "SqlError" && ofContents.test(codeOf(error) ?? "")

/** Rolls a trial back, which leaves nothing. */
class Undone extends Data.TaggedError("Undone") {}

/** Why the log cannot take some events, if it cannot; nothing of them is written. */
const objection = (sql: Sql, project: ProjectId, events: ReadonlyArray<Incoming>) =>
  Transaction.run(sql, Effect.andThen(appendSome(sql, project, events), new Undone())).pipe(
    Effect.catchTag("Undone", () => Effect.undefined),
    Effect.catchIf(isOfContents, (error) => Effect.succeed(error)),
  )

/** Which of some events is the first that cannot be stored, found in halves. */
const refuse = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  events: ReadonlyArray<Incoming>,
  first: SqlError.SqlError,
) {
  let [start, end, cause] = [0, events.length, first]
  while (end - start > 1) {
    const middle = (start + end) >> 1
    const found = yield* objection(sql, project, events.slice(start, middle))
    if (found === undefined) start = middle
    else [end, cause] = [middle, found]
  }
  const uuid = events[start]?.event.uuid ?? ""
  return yield* new EventLogError({ reason: { _tag: "Unstorable", index: start, uuid, cause } })
})

/** Says of events that cannot be stored which is the first. */
export const refusing =
  (sql: Sql, project: ProjectId, incoming: ReadonlyArray<Incoming>) =>
  <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E | SqlError.SqlError>) =>
    Effect.catchIf(effect, isOfContents, (cause) => refuse(sql, project, incoming, cause))

/**
 * Appends events, each once, in the transaction around: where they are refused, the transaction can go on without
 * them.
 */
export const appendWithin = Effect.fn("EventLog.appendWithin")(
  (
    sql: Sql,
    project: ProjectId,
    incoming: ReadonlyArray<Incoming>,
  ): Effect.Effect<Committed, EventLogError | SqlError.SqlError> =>
    Transaction.run(sql, appendSome(sql, project, incoming)).pipe(refusing(sql, project, incoming)),
)

/**
 * Appends events, each once. Nearly always all of them are new, which the index on uuids finds out by
 * itself; where one is not, each is looked for. Where one cannot be stored, it is named.
 */
export const append = Effect.fn("EventLog.append")(
  (
    sql: Sql,
    project: ProjectId,
    incoming: Arr.NonEmptyReadonlyArray<Incoming>,
  ): Effect.Effect<Committed, EventLogError | SqlError.SqlError> =>
    appendAll(sql, project, incoming).pipe(
      Effect.catchIf(
        (error) => error._tag === "SqlError" && isUniqueViolation(error),
        () => Transaction.run(sql, appendSome(sql, project, incoming)),
      ),
      refusing(sql, project, incoming),
    ),
)
