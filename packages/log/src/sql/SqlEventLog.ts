import { Context, Duration, Effect, Layer, Option, PubSub, Schedule, Stream } from "effect"
import type { SqlError } from "effect/sql"
import { Position } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import * as CauseLog from "@onymous/database/CauseLog"
import { codeOf, defectOf } from "@onymous/database/ErrorText"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { StatementLimit } from "@onymous/database/sql/StatementLimit"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import {
  appendedAt,
  EventLog,
  EventLogError,
  type Head,
  type PayloadQuestion,
  projectNotFound,
} from "../EventLog.ts"
import { tailOf } from "../LogTail.ts"
import * as EventRow from "./EventRow.ts"
import { bytesMax } from "../paging/BoundedPage.ts"
import * as Append from "./Append.ts"
import * as AppendWatch from "./AppendWatch.ts"
import * as Audit from "./Audit.ts"
import * as HostAppend from "./HostAppend.ts"
import * as Inbox from "./Inbox.ts"
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

/** Listening is tried again for ever after a broken connection; readers poll meanwhile. */
const listenAgain = Schedule.spaced("1 second")

/** The SQLSTATEs of a transaction that waited too long for a lock, or conflicts with another one. */
const conflictCodes: ReadonlySet<unknown> = new Set(["55P03", "40001", "40P01"])

const isBusy = (error: SqlError.SqlError): boolean => conflictCodes.has(codeOf(error))

/** True where the statement itself is wrong, because then the fault is ours and not the database's. */
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
  const order = sql.literal(descending === true ? "desc" : "asc")
  // Cut by the database, so that this process never holds more than a page.
  const rows = yield* sql<EventRow.EventRow & { readonly payload: string }>`
    select ${sql.literal(EventRow.columns)}, payload::text as payload
    from (select page.*, sum(octet_length(payload::text)) over (
        order by position ${order} rows between unbounded preceding and 1 preceding
      ) as bytes_before
      from (select * from ${sql.ours("events")} where ${sql.and(clauses)}
        order by position ${order} limit ${limit}) page
    ) sized
    where coalesce(bytes_before, 0) < ${bytesMax}
    order by position ${order}`
  return rows.map((row) => ({ ...EventRow.fromRow(row), payload: row.payload }))
})

const headOf = Effect.fn("EventLog.head")(function* (sql: Sql, project: ProjectId) {
  const [row] = yield* sql<HeadRow>`select * from ${sql.ours("projects")} where id = ${project}`
  return row === undefined ? yield* projectNotFound(project) : toHead(row)
})

/** The hints that this process receives; its own appends hint at once. */
interface Hints {
  /** A project has new events. */
  readonly appended: PubSub.PubSub<ProjectId>
  /** An inbox has new events. */
  readonly arrived: PubSub.PubSub<void>
}

/**
 * Passes on the hints of other processes. The channel is named after the schema, so that two schemas in one database
 * do not wake each other. A payload is a project with new events; an empty one says that an inbox has events.
 */
const listen = Effect.fnUntraced(function* (sql: Sql, hints: Hints) {
  yield* Effect.gen(function* () {
    const queue = yield* sql.listen(sql.schema)
    yield* Stream.runForEach(Stream.fromQueue(queue), ({ payload }) =>
      payload === ""
        ? PubSub.publish(hints.arrived, undefined)
        : PubSub.publish(hints.appended, ProjectId(payload)),
    )
  }).pipe(
    Effect.scoped,
    Effect.ignore({ log: "Debug", message: "Listening to appends broke off" }),
    Effect.repeat(listenAgain),
  )
})

/** How long the database may take to show that it accepts writes. */
const readyLimit = Duration.seconds(5)

/**
 * Succeeds while the database accepts writes. The statement locks no row, and fails on a read-only server all the
 * same.
 */
const ready = (sql: Sql) =>
  sql`select 1 from ${sql.ours("projects")} limit 0 for update`.pipe(
    Effect.asVoid,
    Effect.provideService(StatementLimit, readyLimit),
  )

/** How the log is opened. */
export interface Options {
  readonly listens: boolean
  /** The connections for appends; undefined where appends use those of reads. */
  readonly appends?: Sql
}

type Answering = <A, E extends EventLogError>(
  question: Effect.Effect<A, E | SqlError.SqlError>,
) => Effect.Effect<A, EventLogError>

/** The part of the service that looks up events. */
const lookups = (sql: Sql, answer: Answering) =>
  ({
    readAt: (project, positions) => answer(Lookups.readAt(sql, project, positions)),
    positionOf: (project, uuid) => answer(Lookups.positionOf(sql, project, uuid)),
    positionAt: (project, time) => answer(Lookups.positionAt(sql, project, time)),
    readOf: (question) => answer(Lookups.readOf(sql, question)),
    sizeOf: (question) => answer(Lookups.sizeOf(sql, question)),
    marksAt: (project, positions) => answer(Lookups.marksAt(sql, project, positions)),
    sendersAt: (project, positions) => answer(Lookups.sendersAt(sql, project, positions)),
    readActs: (question) => answer(Lookups.readActs(sql, question)),
    firstAt: (project, times) => answer(Lookups.firstAt(sql, project, times)),
    uuidAt: (project, position) => answer(Lookups.uuidAt(sql, project, position)),
    damage: (project) => answer(Audit.damage(sql, project)),
  }) satisfies Partial<EventLog["Service"]>

/** The part of the service that writes events. */
type Writing = Pick<
  EventLog["Service"],
  "append" | "enqueue" | "inboxes" | "drain" | "arrived" | "appended"
>

type Commit = <A>(
  effect: Effect.Effect<A, EventLogError | SqlError.SqlError>,
) => Effect.Effect<A, EventLogError>

/** True within a transaction, whose events only it sees until its commit. */
const isWithin = ({ transacting }: Sql) =>
  Effect.map(Effect.context<never>(), (context) =>
    transacting.some(({ transactionService }) =>
      Option.isSome(Context.getOption(context, transactionService)),
    ),
  )

const writing = Effect.fnUntraced(function* (sql: Sql, capturing: Sql, commit: Commit) {
  const appends = AppendWatch.make()
  const hints: Hints = {
    appended: yield* PubSub.sliding<ProjectId>(1024),
    arrived: yield* PubSub.sliding<void>(1),
  }
  const publish = (project: ProjectId) => Effect.asVoid(PubSub.publish(hints.appended, project))
  const appendGathered = yield* GroupCommit.make((project, events) =>
    commit(appends.watch(Append.append(capturing, project, events))).pipe(
      Effect.tap(() => publish(project)),
    ),
  )
  const within = isWithin(sql)
  const appendWithin: Writing["append"] = (project, events) =>
    commit(Append.appendWithin(sql, project, events)).pipe(
      Effect.tap(() => sql.afterCommit(publish(project))),
      Effect.map(({ places, reused }) => appendedAt(places, reused.size)),
    )
  const service: Writing = {
    append: (project, events) =>
      Effect.flatMap(within, (isWithin) =>
        isWithin ? appendWithin(project, events) : appendGathered(project, events),
      ),
    enqueue: (project, events) =>
      Effect.flatMap(within, (isWithin) =>
        commit(Inbox.put(isWithin ? sql : capturing, project, events)),
      ).pipe(
        Effect.andThen(sql.afterCommit(Effect.asVoid(PubSub.publish(hints.arrived, undefined)))),
      ),
    inboxes: commit(Inbox.projects(sql)),
    drain: (project) =>
      Effect.tap(commit(Inbox.drain(capturing, project)), ({ count }) =>
        count > 0 ? publish(project) : Effect.void,
      ),
    arrived: Stream.fromPubSub(hints.arrived),
    appended: Stream.fromPubSub(hints.appended),
  }
  return { hints, appends, service }
})

const make = Effect.fnUntraced(function* (options: Options) {
  const sql = yield* SchemaClient
  const tell = yield* CauseLog.make("The log is unavailable")
  const commit: Commit = (effect) =>
    Effect.catch(effect, (error) => {
      if (error instanceof EventLogError) {
        return Effect.andThen(error.reason._tag === "HeadBehind" ? tell(error) : Effect.void, error)
      }
      return isBusy(error)
        ? Effect.fail(new EventLogError({ reason: { _tag: "Busy", cause: error } }))
        : Effect.andThen(tell(error), Effect.fail(unavailable(error)))
    })
  const answer = <A, E extends EventLogError>(question: Effect.Effect<A, E | SqlError.SqlError>) =>
    commit(Effect.catchIf(question, isDefect, (error) => Effect.die(defectOf(error))))
  // A capture uses the connections of appends alone, so that it never waits behind questions.
  const capturing = options.appends ?? sql
  const within = isWithin(sql)
  const { hints, appends, service } = yield* writing(sql, capturing, commit)
  if (options.listens) yield* Effect.forkScoped(listen(sql, hints))
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
    ready: answer(Effect.andThen(appends.check, ready(capturing))),
    outcomes: (transactions) => answer(HostAppend.outcomes(sql, transactions)),
    projects: answer(Effect.map(all, (rows) => rows.map(Projects.toProject))),
    heads: answer(Effect.map(all, (rows) => rows.map(toHead))),
    ...service,
    apart: (effect) =>
      Effect.updateContext(effect, (context: Context.Context<never>) =>
        Context.omit(...sql.transacting.map((each) => each.transactionService))(context),
      ),
    afterCommit: sql.afterCommit,
    head: (project) =>
      Effect.flatMap(within, (isWithin) => answer(headOf(isWithin ? sql : capturing, project))),
    read: readPage,
    readPayloads: (question) => answer(readPayloads(sql, question)),
    ...lookups(sql, answer),
    tail: (question) => tailOf(readPage, service.appended, question),
  })
})

/** The log in Postgres, or in PGlite, where it cannot listen. */
export const layer = (options: Options): Layer.Layer<EventLog, never, SchemaClient> =>
  Layer.effect(EventLog, make(options))
