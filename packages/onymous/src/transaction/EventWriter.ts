import { Array as Arr, Effect, Result } from "effect"
import * as DatabaseSettings from "@onymous/database/DatabaseSettings"
import type { Incoming } from "@onymous/identity/event/Event"
import { Position, zero } from "@onymous/identity/event/Position"
import { EventLog, projectNotFound } from "@onymous/log/EventLog"
import * as HostAppend from "@onymous/log/sql/HostAppend"
import { InvalidInput } from "../errors/InvalidInput.ts"
import { OnymousError } from "../errors/OnymousError.ts"
import * as Inputs from "../inputs/CaptureInputs.ts"
import type { CaptureInput } from "../inputs/CaptureInputs.ts"
import type { Host, Session } from "../session/Session.ts"
import type { Executor, Row } from "./Executor.ts"
import * as HostFailure from "./HostFailure.ts"
import * as WriteOptions from "./WriteOptions.ts"
import type { Captured, Promised } from "./WriteOptions.ts"

/** Where the log of a database that was opened is, for transactions of its host. */
export const hostOf = (database: string, options: DatabaseSettings.Options): Host => {
  const { location, schema } = Result.getOrThrow(DatabaseSettings.read(database, options))
  return { schema, isServer: location._tag === "Server" }
}

/** Events, each as its input says; throws `InvalidInput` with the number of the one that is to blame. */
const toEvents = (inputs: ReadonlyArray<CaptureInput>): ReadonlyArray<Incoming> => {
  if (!Array.isArray(inputs))
    throw new InvalidInput({ field: "events", expected: "a list of events" })
  // Not mapped, because that would pass over a hole.
  return Array.from(inputs, (input: CaptureInput, index) => {
    try {
      return Inputs.toEvent(input)
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      const field = error.field === "input" ? "" : `.${error.field}`
      throw new InvalidInput({ ...error, field: `events[${index}]${field}` })
    }
  })
}

type Written = Captured | Promised

type Options = WriteOptions.WriteOptions

type Events = Arr.NonEmptyReadonlyArray<Incoming>

/** The answer of a driver had fewer rows than the statement gives. */
const untold = () =>
  new OnymousError({
    code: "failed",
    message: "in: expected an executor whose answer has all rows, by their columns",
    isRecorded: "unknown",
  })

/** Rows that are not by their columns would promise what nobody can look up. */
const isTold = (row: Row, order: HostAppend.Order): boolean =>
  /^\d+$/.test(HostAppend.transactionOf(row)) &&
  (order === "outbox" || Number.isInteger(HostAppend.placeOf(row).position))

/** Appends an event, by itself or in a transaction of the backend's own. */
export const append = (session: Session, input: () => CaptureInput, options: Options) => {
  const transaction = WriteOptions.read(options)
  const events: Events = [Inputs.toEvent(input())]
  return Effect.map(appendIn(session, events, transaction), ([written]) => written)
}

/** Appends events, all of them or none, in their order. */
export const appendAll = (
  session: Session,
  inputs: ReadonlyArray<CaptureInput>,
  options: Options,
) => {
  const transaction = WriteOptions.read(options)
  const events = toEvents(inputs)
  return Arr.isReadonlyArrayNonEmpty(events)
    ? appendIn(session, events, transaction)
    : Effect.succeed<ReadonlyArray<Written>>([])
}

/** The statement that appends events in the transaction in which somebody runs it. */
export const statement = (
  session: Session,
  inputs: ReadonlyArray<CaptureInput>,
  order: HostAppend.Order,
): HostAppend.Statement => {
  const events = toEvents(inputs)
  if (events.length <= HostAppend.eventsMax) return statementOf(session, events, order)
  const expected = `at most ${HostAppend.eventsMax} for one statement`
  throw new InvalidInput({ field: "events", expected })
}

const statementOf = (
  { project, host }: Session,
  events: ReadonlyArray<Incoming>,
  order: HostAppend.Order,
): HostAppend.Statement => {
  if (host.isServer) return HostAppend.statement(host.schema, project, events, order)
  const expected = "none: nobody else has a transaction in an embedded database"
  throw new InvalidInput({ field: "in", expected })
}

const appendIn = Effect.fnUntraced(function* (
  session: Session,
  events: Events,
  transaction: WriteOptions.Transaction | undefined,
) {
  if (transaction?.order === "outbox") return yield* outbox(session, events, transaction.in)
  const places = yield* transaction === undefined
    ? alone(session, events)
    : locked(session, events, transaction.in)
  return Arr.map(events, ({ event: { uuid } }, index): Written => {
    const { position = zero, isNew = false } = places[index] ?? {}
    return { uuid, position, isNew }
  })
})

const alone = (session: Session, events: Events) => {
  const appended = Effect.flatMap(EventLog, (log) => log.append(session.project, events))
  return Effect.map(session.record(appended), ({ places }) => places)
}

const locked = Effect.fnUntraced(function* (session: Session, events: Events, executor: Executor) {
  const rows = yield* run(session, events, { in: executor, order: "locked" })
  const places = rows.map(HostAppend.placeOf)
  promise(session, rows, Position(Math.max(...places.map(({ position }) => position))))
  return places
})

const outbox = Effect.fnUntraced(function* (session: Session, events: Events, executor: Executor) {
  promise(session, yield* run(session, events, { in: executor, order: "outbox" }))
  return Arr.map(events, ({ event: { uuid } }): Written => ({
    uuid,
    position: undefined,
    isNew: undefined,
  }))
})

const promise = (session: Session, rows: ReadonlyArray<Row>, position?: Position): void => {
  const [row] = rows
  if (row !== undefined) session.promises.add(HostAppend.transactionOf(row), position)
}

const run = Effect.fnUntraced(function* (
  session: Session,
  events: Events,
  { in: executor, order }: WriteOptions.Transaction,
) {
  const statements = Arr.chunksOf(events, HostAppend.eventsMax).map((chunk) =>
    statementOf(session, chunk, order),
  )
  yield* session.ready
  const all: Array<Row> = []
  for (const { text, values } of statements) {
    const { rows } = yield* Effect.tryPromise({
      try: () => executor.executeSql(text, values),
      catch: HostFailure.ofHost,
    })
    if (rows.length === 0) return yield* projectNotFound(session.project)
    if (!rows.every((row) => isTold(row, order))) return yield* Effect.fail(untold())
    all.push(...rows)
  }
  return all.length === events.length ? all : yield* Effect.fail(untold())
})
