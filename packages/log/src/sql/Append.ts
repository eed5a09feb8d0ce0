import { Array as Arr, Clock, Data, Effect } from "effect"
import type { SqlError } from "effect/sql"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { codeOf } from "@onymous/database/ErrorText"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import * as Transaction from "@onymous/database/sql/Transaction"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { EventLogError, type Place, projectNotFound } from "../EventLog.ts"
import * as EventContents from "../EventContents.ts"
import { insert } from "./EventInsert.ts"
import * as HeadBehind from "./heads/HeadBehind.ts"
import type { Committed } from "../GroupCommit.ts"

interface HeadRow {
  readonly position: number
  readonly recorded_at: number
}

/** True for a row whose key exists already. */
export const isUniqueViolation = (error: SqlError.SqlError): boolean =>
  error.reason._tag === "UniqueViolation"

/** Uuid → the event in the log that has it, for the events whose uuids the log has. */
const earlierOf = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  incoming: ReadonlyArray<Incoming>,
) {
  // `offset 0` forces a look-up for each uuid, because a join would scan a project that is new to the statistics.
  const uuids = PgArrays.uuids(incoming.map(({ event }) => event.uuid))
  const rows = yield* sql<EarlierRow>`
    select known.uuid, known.position, known.payload from unnest(${uuids}::uuid[]) as given (uuid)
    cross join lateral (
      select uuid, position, payload::text as payload from ${sql.ours("events")}
      where uuid = given.uuid and project_id = ${project} offset 0) known`
  return new Map<string, EarlierEvent>(rows.map((row) => [row.uuid, row]))
})

interface EarlierEvent {
  readonly position: number
  readonly payload: string
}

interface EarlierRow extends EarlierEvent {
  readonly uuid: string
}

/** How many events a statement has: with more, Postgres took longer for each, and this process had too long a turn. */
const chunkSize = 2_000

/** Appends the events whose uuids are new to the log. */
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
    const earlier = yield* earlierOf(sql, project, chunk)
    const end = position
    const beyond = [...earlier.values()].find((known) => known.position > end)
    if (beyond !== undefined) {
      return yield* HeadBehind.errorOf(project, Position(head.position), Position(beyond.position))
    }
    const events = chunk.filter(({ event, payload }) => {
      const first = earlier.get(event.uuid)
      const isNew = first === undefined
      if (isNew) earlier.set(event.uuid, { position: ++position, payload })
      else if (!EventContents.isSame(first.payload, payload)) reused.add(places.length)
      places.push({ position: Position(first?.position ?? position), isNew })
      return isNew
    })
    if (events.length > 0) yield* insert(sql, project, events, now)
  }
  return { places, reused }
})

/** Appends events whose uuids are all new, chunk by chunk in one transaction. */
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
 * The SQLSTATEs of values that Postgres cannot store, which no retry cures: data exceptions, violated constraints other
 * than of uniqueness, and limits of the server.
 */
const ofContents = /^(?:22|23(?!505)|54)/

const isOfContents = (error: { readonly _tag: string }): error is SqlError.SqlError =>
  error._tag === "SqlError" && ofContents.test(codeOf(error) ?? "")

/** Rolls back a trial. */
class Undone extends Data.TaggedError("Undone") {}

/** Tries whether the log can store some events, and rolls them back; answers the objection, if there is one. */
const objection = (sql: Sql, project: ProjectId, events: ReadonlyArray<Incoming>) =>
  Transaction.run(sql, Effect.andThen(appendSome(sql, project, events), new Undone())).pipe(
    Effect.catchTag("Undone", () => Effect.undefined),
    Effect.catchIf(isOfContents, (error) => Effect.succeed(error)),
  )

/** Fails with the first event that cannot be stored, which is found by halving. */
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

/** Turns a failure caused by an event's contents into one that names the event. */
export const refusing =
  (sql: Sql, project: ProjectId, incoming: ReadonlyArray<Incoming>) =>
  <A, E extends { readonly _tag: string }>(effect: Effect.Effect<A, E | SqlError.SqlError>) =>
    Effect.catchIf(effect, isOfContents, (cause) => refuse(sql, project, incoming, cause))

/** Appends events, each once, within the transaction around, which can go on if they are refused. */
export const appendWithin = Effect.fn("EventLog.appendWithin")(
  (
    sql: Sql,
    project: ProjectId,
    incoming: ReadonlyArray<Incoming>,
  ): Effect.Effect<Committed, EventLogError | SqlError.SqlError> =>
    Transaction.run(sql, appendSome(sql, project, incoming)).pipe(
      HeadBehind.naming(sql, project),
      refusing(sql, project, incoming),
    ),
)

/**
 * Appends events, each once; a failure names an event that cannot be stored. Nearly always all events are new, so the
 * uuids are looked up only after the unique index has objected.
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
      HeadBehind.naming(sql, project),
      refusing(sql, project, incoming),
    ),
)
