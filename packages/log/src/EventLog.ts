import { Array as Arr, Context, Data, Effect, Stream } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Incoming, Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { type ProjectId, read as readProjectId } from "@onymous/identity/event/ProjectId"
import type { Mark, PastQuestion, PastSize, Sender } from "./LogLookups.ts"
import { causeText } from "@onymous/database/ErrorText"
import { type WrongLog, wrongLogText } from "./errors/WrongLog.ts"

/** A project: its id, and the token by which clients append to its log. */
export interface Project {
  readonly id: ProjectId
  /** Public: lets clients append. */
  readonly token: string
  /** The identity of this log: a checkpoint of another log is refused. */
  readonly logId: string
}

/** A project to make. */
export interface NewProject {
  readonly id: ProjectId
  readonly token: string
  /** The hash of its first secret key, called `serverKey`; empty for no key. */
  readonly keyHash: string
}

/** The name of the key that the server makes or is given; operators make keys of other names. */
export const serverKey = "serve"

/** A secret key of a project, which opens its API. The log stores only its hash. */
export interface ProjectKey {
  readonly name: string
  /** The times of its making and its end, in epoch milliseconds. */
  readonly madeAt: number
  readonly endedAt: number | undefined
}

/** A key to add: if its name is free, if no key of the project holds, or in any case, replacing the key of its name. */
export interface NewKey {
  readonly project: ProjectId
  readonly name: string
  readonly hash: string
  readonly where: "name is free" | "none holds" | "any"
}

/** The end of a project's log. */
export interface Head {
  readonly project: ProjectId
  readonly position: Position
  /** The time of the last event, in epoch milliseconds; 0 for an empty log. */
  readonly recordedAt: number
  readonly logId: string
}

/** How far a log's time may be ahead of its database's clock, in milliseconds, because clocks differ a little. */
export const aheadMax = 60_000

/** The position of an appended event; for one that is not new, that of the earlier event with its uuid. */
export interface Place {
  readonly position: Position
  readonly isNew: boolean
}

/** The outcome of draining a page of an inbox. */
export interface Drained {
  /** The number of events that left the inbox. */
  readonly count: number
  /** True where the inbox may have more. */
  readonly hasMore: boolean
}

/** The outcome of a transaction. */
export type Outcome = "committed" | "aborted" | "in progress"

/** The outcome of an append. */
export interface Appended {
  /** The last place of the caller's events. */
  readonly position: Position
  /** The place of each of the caller's events, in their order. */
  readonly places: ReadonlyArray<Place>
  /** How many of them were new. */
  readonly added: number
  /** How many had the uuid of an earlier event but other contents: the earlier event stands. */
  readonly reused: number
}

/** A recorded event with its whole payload, as JSON text. */
export interface RecordedPayload extends Recorded {
  readonly payload: string
}

/** Which acts of operators to read. */
export interface ActsQuestion {
  readonly project: ProjectId
  /** Only acts after this position, oldest first. */
  readonly after?: Position | undefined
  readonly before?: Position | undefined
  readonly limit: number
}

/** Which page of the log to read. */
export interface PageQuestion {
  readonly project: ProjectId
  readonly after: Position
  readonly limit: number
  /** The uuid of the event that was read at `after`: a log with another event there was wound back. */
  readonly afterUuid?: string | undefined
}

/** Which events to read with their payloads. */
export interface PayloadQuestion {
  readonly project: ProjectId
  readonly after?: Position
  readonly before?: Position
  readonly limit: number
  readonly distinctIds?: ReadonlyArray<DistinctId>
  /** Newest first. */
  readonly descending?: boolean
}

/** A part of a log that is not as its appends left it. */
export interface Damage {
  readonly table: "projects" | "events"
  readonly position: Position
  readonly reason: string
}

export type EventLogReason =
  | { readonly _tag: "ProjectNotFound"; readonly project: ProjectId }
  /** No project can have this id. */
  | { readonly _tag: "InvalidProject"; readonly expected: string }
  /** Another project has the id or the token. */
  | { readonly _tag: "ProjectExists"; readonly project: ProjectId }
  /** Too many events wait to be written; none of these was accepted. */
  | { readonly _tag: "Overloaded"; readonly retryAfterSeconds: number }
  | { readonly _tag: "Unavailable"; readonly cause: unknown }
  /** A transaction that has appended locks the head of the log, or this transaction conflicts with another one. */
  | { readonly _tag: "Busy"; readonly cause: unknown }
  /** The database cannot store the contents of one of the events. */
  | {
      readonly _tag: "Unstorable"
      /** The index of the event among those given. */
      readonly index: number
      readonly uuid: string
      readonly cause: unknown
    }
  | WrongLog

/** The one error of the log. */
export class EventLogError extends Data.TaggedError("EventLogError")<{
  readonly reason: EventLogReason
}> {
  /** True where the same call may succeed later. */
  get isRetryable(): boolean {
    return ["Overloaded", "Unavailable", "Busy"].includes(this.reason._tag)
  }

  override get message(): string {
    switch (this.reason._tag) {
      case "ProjectNotFound":
        return `There is no project ${this.reason.project}.`
      case "InvalidProject":
        return `project: expected ${this.reason.expected}`
      case "ProjectExists":
        return `The id or the token of project ${this.reason.project} is taken.`
      case "Overloaded":
        return `Too many events wait to be written: try again in ${this.reason.retryAfterSeconds} s.`
      case "Unavailable":
        return `The log is unavailable: ${causeText(this.reason.cause)}`
      case "Busy":
        return `Another transaction has appended to the log and not ended yet: ${causeText(this.reason.cause)}`
      case "Unstorable":
        return `The event ${this.reason.uuid} cannot be stored: ${causeText(this.reason.cause)}`
      default:
        return wrongLogText(this.reason)
    }
  }
}

/** The outcome of an append, out of the places of its events. */
export const appendedAt = (places: ReadonlyArray<Place>, reused: number): Appended => ({
  position: Position(places.reduce((last, { position }) => Math.max(last, position), 0)),
  places,
  added: places.filter(({ isNew }) => isNew).length,
  reused,
})

export type Answer<A> = Effect.Effect<A, EventLogError>

/** The append-only order of events of each project. Positions are given here alone. */
export class EventLog extends Context.Service<
  EventLog,
  {
    /** Makes a project with an empty log; fails where the id is invalid, or the id or the token is taken. */
    readonly createProject: (project: NewProject) => Answer<Project>
    /** Gives a project another token. */
    readonly setToken: (project: ProjectId, token: string) => Answer<void>
    /** The keys of a project, ended ones included, in the order in which they were made. */
    readonly keys: (project: ProjectId) => Answer<ReadonlyArray<ProjectKey>>
    /** The hashes of the keys that hold; undefined where no project has this id, which may be any text. */
    readonly keyHashes: (project: ProjectId) => Answer<ReadonlyArray<string> | undefined>
    /** Adds a key; true if it holds from now on. Of several keys added at once under one free name, exactly one holds. */
    readonly addKey: (key: NewKey) => Answer<boolean>
    /** Ends the key of a name; false where no key of that name holds. */
    readonly endKey: (project: ProjectId, name: string) => Answer<boolean>
    /** The project with an id, which may be any text. */
    readonly project: (id: ProjectId) => Answer<Project | undefined>
    /** The project with a token, which may be any text. */
    readonly projectOf: (token: string) => Answer<Project | undefined>
    /** Succeeds while the database accepts writes, and appends neither find the disk full nor stand still. */
    readonly ready: Answer<void>
    /** All projects, by id. */
    readonly projects: Answer<ReadonlyArray<Project>>
    /** The heads of all logs. */
    readonly heads: Answer<ReadonlyArray<Head>>
    /**
     * Commits the events, each uuid once, at positions without gaps, in the order given. If it fails or is interrupted,
     * the log has all of them or none. An event that cannot be stored fails its own append alone. Within a transaction
     * of the log's database the events are committed with it, and all other appends of the project wait for its end.
     * The log's time never goes back, and is at most a minute ahead of its database's clock: a `recordedAt` before the
     * last event's is raised to that, and one further in the future is lowered.
     */
    readonly append: (
      project: ProjectId,
      events: Arr.NonEmptyReadonlyArray<Incoming>,
    ) => Answer<Appended>
    /**
     * Puts events into the project's inbox, from which they soon get their positions, in the order given. No transaction
     * waits for another one meanwhile.
     */
    readonly enqueue: (
      project: ProjectId,
      events: Arr.NonEmptyReadonlyArray<Incoming>,
    ) => Answer<void>
    /** The projects with events in their inbox. */
    readonly inboxes: Answer<ReadonlyArray<ProjectId>>
    /** Appends a page of the events of the inbox, in their order, each uuid once. */
    readonly drain: (project: ProjectId) => Answer<Drained>
    /** Hints that an inbox has events; may be lost or repeated. */
    readonly arrived: Stream.Stream<void>
    /** The outcomes of transactions that appended, by the ids that `HostAppend` answered. */
    readonly outcomes: (transactions: ReadonlyArray<string>) => Answer<ReadonlyArray<Outcome>>
    /** Runs an effect outside the transaction around it, so that a rollback does not undo it. */
    readonly apart: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
    /**
     * Runs an effect after the commit of the transaction around it, at once without a transaction, never after a
     * rollback.
     */
    readonly afterCommit: (effect: Effect.Effect<void>) => Effect.Effect<void>
    /** The head of a project's log. */
    readonly head: (project: ProjectId) => Answer<Head>
    /**
     * The events after a position, in order, without their payloads, at least one unless the log ends there. A page of
     * large events may be shorter than `limit`. It fails where the log was wound back behind `afterUuid`, or lacks an
     * event before its head.
     */
    readonly read: (question: PageQuestion) => Answer<ReadonlyArray<Recorded>>
    /** The events at these positions, in order, without their payloads. */
    readonly readAt: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyArray<Recorded>>
    /**
     * The events that name one of these distinct ids and every change of policy, in order, up to and with a
     * position, without their payloads.
     */
    readonly readOf: (question: PastQuestion) => Answer<ReadonlyArray<Recorded>>
    /** The size of what `readOf` gives, exact up to `max` events; beyond, only that there are more than `max`. */
    readonly sizeOf: (question: PastQuestion & { readonly max: number }) => Answer<PastSize>
    /** The marks of the events at these positions, in order. */
    readonly marksAt: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyArray<Mark>>
    /** The libraries that sent the events at these positions, in order, as far as the events say so. */
    readonly sendersAt: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyArray<Sender>>
    /**
     * Operators' acts, changes of policy included, newest first; with `after`, oldest first. A page of large acts may be
     * shorter than `limit`: `ActsPage.nextOf` says whether more may follow.
     */
    readonly readActs: (question: ActsQuestion) => Answer<ReadonlyArray<Recorded>>
    /**
     * Events with their payloads. A page of large events may be shorter than `limit`: `PayloadPage.isFull` says whether
     * more may follow.
     */
    readonly readPayloads: (question: PayloadQuestion) => Answer<ReadonlyArray<RecordedPayload>>
    /** The position of the event with a uuid. */
    readonly positionOf: (project: ProjectId, uuid: string) => Answer<Position | undefined>
    /** The last position recorded at or before a time, in epoch milliseconds; 0 where there is none. */
    readonly positionAt: (project: ProjectId, time: number) => Answer<Position>
    /**
     * The first position recorded at or after each of these times, in epoch milliseconds, in the same order; one past the
     * head where there is none.
     */
    readonly firstAt: (
      project: ProjectId,
      times: ReadonlyArray<number>,
    ) => Answer<ReadonlyArray<Position>>
    /** The first damage of a log, found by checksums and seals; undefined where the log is as its appends left it. */
    readonly damage: (project: ProjectId) => Answer<Damage | undefined>
    /** The uuid of the event at a position. */
    readonly uuidAt: (project: ProjectId, position: Position) => Answer<string | undefined>
    /** All events after a position, for ever: misses none and repeats none. */
    readonly tail: (question: {
      readonly project: ProjectId
      readonly after: Position
    }) => Stream.Stream<Recorded, EventLogError>
    /** Hints that a project has new events; may be lost or repeated. */
    readonly appended: Stream.Stream<ProjectId>
  }
>()("@onymous/log/EventLog") {}

/** Fails for an id that no project can have. */
export const checkProjectId = (id: ProjectId): Effect.Effect<void, EventLogError> =>
  Effect.asVoid(
    Effect.mapError(
      Effect.fromResult(readProjectId(id)),
      ({ expected }) => new EventLogError({ reason: { _tag: "InvalidProject", expected } }),
    ),
  )

/** The failure for a project that does not exist. */
export const projectNotFound = (project: ProjectId): EventLogError =>
  new EventLogError({ reason: { _tag: "ProjectNotFound", project } })

/** The failure for an id or a token that is taken. */
export const projectExists = (project: ProjectId): EventLogError =>
  new EventLogError({ reason: { _tag: "ProjectExists", project } })

/** The head of a log, and the event at the position from which a reader continues. */
interface Found {
  readonly head: Position
  readonly uuid: string | undefined
}

/** Fails where the log was wound back: where it does not have the reader's last event. */
export const checkContinued = (
  { project, after, afterUuid }: PageQuestion,
  { head, uuid }: Found,
): Effect.Effect<void, EventLogError> => {
  if (afterUuid === undefined || uuid === afterUuid) return Effect.void
  const reason = { project, position: after, expected: afterUuid, found: uuid, head }
  return Effect.fail(new EventLogError({ reason: { _tag: "WoundBack", ...reason } }))
}
