import { Duration, Effect, Layer, Option, PubSub, Schedule, Stream } from "effect"
import type { SqlError } from "effect/sql"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as CauseLog from "@onymous/database/CauseLog"
import { defectOf } from "@onymous/database/ErrorText"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { StatementLimit } from "@onymous/database/sql/StatementLimit"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import {
  EventLog,
  EventLogError,
  type Head,
  type PayloadQuestion,
  projectNotFound,
  tailOf,
} from "../EventLog.ts"
import * as EventRow from "./EventRow.ts"
import * as Append from "./Append.ts"
import * as Audit from "./Audit.ts"
import * as Lookups from "./Lookups.ts"
import * as PageReader from "./PageReader.ts"
import * as Projects from "./Projects.ts"
import * as GroupCommit from "../GroupCommit.ts"

interface HeadRow {
  readonly id: string
  readonly token: string
  readonly log_id: string
  readonly position: number
  readonly recorded_at: number
}

const toHead = (row: HeadRow): Head => ({
  project: ProjectId(row.id),
  position: Position(row.position),
  recordedAt: row.recorded_at,
  logId: row.log_id,
})

/** A broken connection is tried again for as long as it takes; readers poll meanwhile. */
const listenAgain = Schedule.spaced("1 second")

/** A question that cannot be asked is a defect, and no database that does not answer. */
const isDefect = (error: unknown): boolean => defectOf(error) !== undefined

const unavailable = (cause: SqlError.SqlError): EventLogError =>
  new EventLogError({ reason: { _tag: "Unavailable", cause } })

const readPayloads = Effect.fn("EventLog.readPayloads")(function* (
  sql: Sql,
  { project, after, before, limit, distinctIds, descending }: PayloadQuestion,
) {
  const clauses = [
    sql`project_id = ${project}`,
    sql`position > ${after ?? 0}`,
    sql`position < ${before ?? Number.MAX_SAFE_INTEGER}`,
    ...(distinctIds === undefined ? [] : [sql`distinct_id = any(${PgArrays.texts(distinctIds)})`]),
  ]
  const rows = yield* sql<EventRow.EventRow & { readonly payload: string }>`
    select ${sql.literal(EventRow.columns)}, payload::text as payload from ${sql.ours("events")}
    where ${sql.and(clauses)}
    order by events.position ${sql.literal(descending === true ? "desc" : "asc")} limit ${limit}`
  return rows.map((row) => ({ ...EventRow.fromRow(row), payload: row.payload }))
})

const headOf = Effect.fn("EventLog.head")(function* (sql: Sql, project: ProjectId) {
  const [row] = yield* sql<HeadRow>`select * from ${sql.ours("projects")} where id = ${project}`
  return row === undefined ? yield* projectNotFound(project) : toHead(row)
})

/**
 * Tells which project got events: from this process at once, from others where Postgres tells. The channel is
 * called as the schema is, so that two of them in one database do not wake each other.
 */
const listen = Effect.fnUntraced(function* (sql: Sql, hub: PubSub.PubSub<ProjectId>) {
  yield* Effect.gen(function* () {
    const queue = yield* sql.listen(sql.schema)
    yield* Stream.runForEach(Stream.fromQueue(queue), ({ payload }) =>
      PubSub.publish(hub, ProjectId(payload)),
    )
  }).pipe(
    Effect.scoped,
    Effect.ignore({ log: "Debug", message: "Listening to appends broke off" }),
    Effect.repeat(listenAgain),
  )
})

/** How long the database may take to say whether it takes events. */
const readyLimit = Duration.seconds(5)

/** Locks no row, and is refused all the same where nothing can be written. */
const ready = (sql: Sql) =>
  sql`select 1 from ${sql.ours("projects")} limit 0 for update`.pipe(
    Effect.asVoid,
    Effect.provideService(StatementLimit, readyLimit),
  )

/** How the log is opened. */
export interface Options {
  readonly listens: boolean
  /** The connections that append, where they are not those that read. */
  readonly appends?: Sql
}

type Answering = <A, E extends EventLogError>(
  question: Effect.Effect<A, E | SqlError.SqlError>,
) => Effect.Effect<A, EventLogError>

/** What is looked up in a log. */
const lookups = (sql: Sql, answer: Answering) =>
  ({
    readAt: (project, positions) => answer(Lookups.readAt(sql, project, positions)),
    positionOf: (project, uuid) => answer(Lookups.positionOf(sql, project, uuid)),
    positionAt: (project, time) => answer(Lookups.positionAt(sql, project, time)),
    readOf: (question) => answer(Lookups.readOf(sql, question)),
    sizeOf: (question) => answer(Lookups.sizeOf(sql, question)),
    marksAt: (project, positions) => answer(Lookups.marksAt(sql, project, positions)),
    readActs: (question) => answer(Lookups.readActs(sql, question)),
    firstAt: (project, times) => answer(Lookups.firstAt(sql, project, times)),
    uuidAt: (project, position) => answer(Lookups.uuidAt(sql, project, position)),
    damage: (project) => answer(Audit.damage(sql, project)),
  }) satisfies Partial<EventLog["Service"]>

const make = Effect.fnUntraced(function* (options: Options) {
  const sql = yield* SchemaClient
  const hub = yield* PubSub.sliding<ProjectId>(1024)
  const tell = yield* CauseLog.make("The log is unavailable")
  const commit = <A, E extends EventLogError>(
    effect: Effect.Effect<A, E | SqlError.SqlError>,
  ): Effect.Effect<A, EventLogError> =>
    Effect.catch(effect, (error) =>
      error instanceof EventLogError
        ? Effect.fail(error)
        : Effect.andThen(tell(error), Effect.fail(unavailable(error))),
    )
  const answer = <A, E extends EventLogError>(question: Effect.Effect<A, E | SqlError.SqlError>) =>
    commit(Effect.catchIf(question, isDefect, (error) => Effect.die(defectOf(error))))
  // All that a capture needs goes on its own connections, so that it never waits for a question.
  const capturing = options.appends ?? sql
  const gathered = yield* GroupCommit.make((project, events) =>
    commit(Append.append(capturing, project, events)).pipe(
      Effect.tap(() => PubSub.publish(hub, project)),
    ),
  )
  const append: EventLog["Service"]["append"] = (project, events) =>
    Effect.flatMap(Effect.serviceOption(sql.transactionService), (transaction) =>
      // It would be rolled back after it was said to be committed, and others' events with it.
      Option.isSome(transaction)
        ? Effect.die(new Error("Events are not appended inside a transaction."))
        : gathered(project, events),
    )
  if (options.listens) yield* Effect.forkScoped(listen(sql, hub))
  const appended = Stream.fromPubSub(hub)
  const readPage: EventLog["Service"]["read"] = (question) => answer(PageReader.read(sql, question))
  const all = sql<HeadRow>`select * from ${sql.ours("projects")} order by id`
  return EventLog.of({
    createProject: (project) => answer(Projects.create(sql, project)),
    setToken: (project, token) => answer(Projects.setToken(sql, project, token)),
    project: (id) => answer(Projects.find(sql, "id", id)),
    projectOf: (token) => answer(Projects.find(capturing, "token", token)),
    keys: (project) => answer(Projects.keys(sql, project)),
    keyHashes: (project) => answer(Projects.keyHashes(sql, project)),
    addKey: (key) => answer(Projects.addKey(sql, key)),
    endKey: (project, name) => answer(Projects.endKey(sql, project, name)),
    ready: answer(ready(capturing)),
    projects: answer(Effect.map(all, (rows) => rows.map(Projects.toProject))),
    heads: answer(Effect.map(all, (rows) => rows.map(toHead))),
    append,
    head: (project) => answer(headOf(capturing, project)),
    read: readPage,
    readPayloads: (question) => answer(readPayloads(sql, question)),
    ...lookups(sql, answer),
    tail: (question) => tailOf(readPage, appended, question),
    appended,
  })
})

/** The log in Postgres, or in PGlite, where nothing listens. */
export const layer = (options: Options): Layer.Layer<EventLog, never, SchemaClient> =>
  Layer.effect(EventLog, make(options))
