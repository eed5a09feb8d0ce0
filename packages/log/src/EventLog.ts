import { Array as Arr, Context, Data, Effect, Stream } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Incoming, Recorded } from "@onymous/identity/event/Event"
import { Position } from "@onymous/identity/event/Position"
import { type ProjectId, read as readProjectId } from "@onymous/identity/event/ProjectId"
import type { Mark, PastQuestion, PastSize } from "./LogLookups.ts"
import { causeText } from "@onymous/database/ErrorText"

/** A project: whose events they are, and the token of its public doors. */
export interface Project {
  readonly id: ProjectId
  /** Public: lets clients append. */
  readonly token: string
  /** Names this log for ever: a checkpoint that counts in another one is refused. */
  readonly logId: string
}

/** A project to make. */
export interface NewProject {
  readonly id: ProjectId
  readonly token: string
  /** The hash of its first secret key, called `serverKey`; of no key where it is empty. */
  readonly keyHash: string
}

/** The name of the key that a server makes or is given: all others are an operator's. */
export const serverKey = "serve"

/** A secret key of a project, which lets one ask: the log has its hash alone, and tells that to nobody. */
export interface ProjectKey {
  readonly name: string
  /** When it was made and when it has ended, in epoch milliseconds. */
  readonly madeAt: number
  readonly endedAt: number | undefined
}

/** A key to add: where its name is free, where no key of the project holds, or in place of the one of its name. */
export interface NewKey {
  readonly project: ProjectId
  readonly name: string
  readonly hash: string
  readonly where: "name is free" | "none holds" | "any"
}

/** Where a project's log ends. */
export interface Head {
  readonly project: ProjectId
  readonly position: Position
  /** The time of its last event, in epoch milliseconds; 0 where there is none. */
  readonly recordedAt: number
  readonly logId: string
}

/** How far a log's time may be ahead of the clock of where it lies, in milliseconds: clocks differ by a little. */
export const aheadMax = 60_000

/** Where an event that was appended lies; where it is not new, the earlier event with its uuid. */
export interface Place {
  readonly position: Position
  readonly isNew: boolean
}

/** What has become of a transaction. */
export type Outcome = "committed" | "aborted" | "in progress"

/** What came of an append. */
export interface Appended {
  /** The last place of the caller's events. */
  readonly position: Position
  /** The place of each of the caller's events, in their order. */
  readonly places: ReadonlyArray<Place>
  /** How many of them were new. */
  readonly added: number
  /** How many had the uuid of an earlier event and other contents: the first one holds. */
  readonly reused: number
}

/** A recorded event with its whole payload, as JSON text. */
export interface RecordedPayload extends Recorded {
  readonly payload: string
}

/** Which acts of operators to read. */
export interface ActsQuestion {
  readonly project: ProjectId
  /** Those after a position, oldest first. */
  readonly after?: Position | undefined
  readonly before?: Position | undefined
  readonly limit: number
}

/** Which page of the log to read. */
export interface PageQuestion {
  readonly project: ProjectId
  readonly after: Position
  readonly limit: number
  /** The event at `after`, where it was read before: a log that has another one there does not go on from it. */
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

/** What of a log is not as its appends left it. */
export interface Damage {
  readonly table: "projects" | "events"
  readonly position: Position
  readonly reason: string
}

export type EventLogReason =
  | { readonly _tag: "ProjectNotFound"; readonly project: ProjectId }
  /** No project can have this id. */
  | { readonly _tag: "InvalidProject"; readonly expected: string }
  /** The id or the token is another project's. */
  | { readonly _tag: "ProjectExists"; readonly project: ProjectId }
  /** Too many events wait to be written; nothing was taken. */
  | { readonly _tag: "Overloaded"; readonly retryAfterSeconds: number }
  | { readonly _tag: "Unavailable"; readonly cause: unknown }
  /** A transaction that has appended holds the end of the log, or this one cannot go on beside others. */
  | { readonly _tag: "Busy"; readonly cause: unknown }
  /** One of the events given has contents that the database does not store, however often it is tried. */
  | {
      readonly _tag: "Unstorable"
      /** Which of the events given. */
      readonly index: number
      readonly uuid: string
      readonly cause: unknown
    }
  /** The log has no event, or another one, where this one was read before: it was wound back. */
  | {
      readonly _tag: "WoundBack"
      readonly project: ProjectId
      readonly position: Position
      readonly expected: string
      readonly found: string | undefined
      readonly head: Position
    }
  /** What is derived of a project counts in another log. */
  | {
      readonly _tag: "OtherLog"
      readonly project: ProjectId
      readonly expected: string
      readonly found: string
    }
  /** Events are gone that the log's head counts. */
  | {
      readonly _tag: "Missing"
      readonly project: ProjectId
      readonly from: Position
      readonly to: Position
    }

const deriveAgain = (project: ProjectId): string =>
  `"onymous rebuild --project ${project}" derives the persons from the log as it is.`

const foundThere = (found: string | undefined, head: Position): string =>
  found === undefined ? `no event, and ends at ${head}` : `event ${found}`

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
      case "WoundBack": {
        const { project, position, expected, found, head } = this.reason
        return `The log of project ${project} was wound back: at position ${position}, where event ${expected} was read before, it has ${foundThere(found, head)}. ${deriveAgain(project)}`
      }
      case "OtherLog": {
        const { project, expected, found } = this.reason
        return `The persons of project ${project} were derived from another log: from ${expected}, and this one is ${found}. ${deriveAgain(project)}`
      }
      case "Missing": {
        const { project, from, to } = this.reason
        const which = from === to ? `position ${from}` : `positions ${from} to ${to}`
        return `The log of project ${project} lacks the events at ${which}, which its head counts: restore the table events, and its head with it, from one backup.`
      }
    }
  }
}

/** What came of an append, from the place of each of its events. */
export const appendedAt = (places: ReadonlyArray<Place>, reused: number): Appended => ({
  position: Position(places.reduce((last, { position }) => Math.max(last, position), 0)),
  places,
  added: places.filter(({ isNew }) => isNew).length,
  reused,
})

export type Answer<A> = Effect.Effect<A, EventLogError>

/** What happened, and in which order: the only place that orders events. */
export class EventLog extends Context.Service<
  EventLog,
  {
    /** Makes a project with an empty log, or nothing where the id is none, or the id or the token is taken. */
    readonly createProject: (project: NewProject) => Answer<Project>
    /** Gives a project another token. */
    readonly setToken: (project: ProjectId, token: string) => Answer<void>
    /** The keys of a project, ended ones too, in the order in which they were made. */
    readonly keys: (project: ProjectId) => Answer<ReadonlyArray<ProjectKey>>
    /** The hashes of the keys that hold, of a project with an id, any text at all; nothing where there is none. */
    readonly keyHashes: (project: ProjectId) => Answer<ReadonlyArray<string> | undefined>
    /** True where the key holds from now on: of several that are added at once under one name, one is. */
    readonly addKey: (key: NewKey) => Answer<boolean>
    /** Ends the key of a name, from now on; false where none of that name holds. */
    readonly endKey: (project: ProjectId, name: string) => Answer<boolean>
    /** The project with an id, any text at all. */
    readonly project: (id: ProjectId) => Answer<Project | undefined>
    /** The project with a token, any text at all. */
    readonly projectOf: (token: string) => Answer<Project | undefined>
    /** Succeeds where an append would be taken now: not while the database takes no writes. */
    readonly ready: Answer<void>
    /** All projects, by id. */
    readonly projects: Answer<ReadonlyArray<Project>>
    /** Where the log of each project ends. */
    readonly heads: Answer<ReadonlyArray<Head>>
    /**
     * When it succeeds, the events are committed: each uuid once, at positions without gaps, in the
     * order given; when it fails or is interrupted, all of them are there or none. An event that cannot be stored
     * fails its own append alone. In a transaction of the database of the log, they are committed with it, and
     * all other appends of the project wait until it ends. Time never goes
     * back, nor more than a minute ahead of the clock of where the log lies: a `recordedAt` before the
     * last one's is raised to it, one in the future is lowered.
     */
    readonly append: (
      project: ProjectId,
      events: Arr.NonEmptyReadonlyArray<Incoming>,
    ) => Answer<Appended>
    /**
     * Puts events where they wait for a place in the log, which they get soon after they are committed, in the
     * order given: nobody waits for anybody meanwhile.
     */
    readonly enqueue: (
      project: ProjectId,
      events: Arr.NonEmptyReadonlyArray<Incoming>,
    ) => Answer<void>
    /** The projects for which events wait for a place. */
    readonly inboxes: Answer<ReadonlyArray<ProjectId>>
    /** Appends the events that wait for a place, each uuid once; answers with how many waited. */
    readonly drain: (project: ProjectId) => Answer<number>
    /** Hints that events wait for a place; may be lost or repeated. */
    readonly arrived: Stream.Stream<void>
    /** What has become of the transactions in which somebody appended, by the names that they were told by. */
    readonly outcomes: (transactions: ReadonlyArray<string>) => Answer<ReadonlyArray<Outcome>>
    /** Runs an effect outside of the transaction around it, with which it is not rolled back. */
    readonly apart: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
    /**
     * Runs an effect once the transaction around it is committed, at once where there is none, and never where it is
     * rolled back.
     */
    readonly afterCommit: (effect: Effect.Effect<void>) => Effect.Effect<void>
    /** Where the log of a project ends. */
    readonly head: (project: ProjectId) => Answer<Head>
    /**
     * The events after a position, in order, without their payloads: at least one where there is one.
     * A page may be shorter than `limit` before the log ends, where its events are large. It fails where the
     * log does not go on from `afterUuid`, or lacks an event before its head.
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
    /** How many events `readOf` gives; of more than a number, that one more is counted at least, and not all. */
    readonly sizeOf: (question: PastQuestion & { readonly max: number }) => Answer<PastSize>
    /** The events at these positions, in order, as marks. */
    readonly marksAt: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyArray<Mark>>
    /** The acts of operators, changes of policy among them, newest first; after a position, oldest first. */
    readonly readActs: (question: ActsQuestion) => Answer<ReadonlyArray<Recorded>>
    /** Events with their payloads. */
    readonly readPayloads: (question: PayloadQuestion) => Answer<ReadonlyArray<RecordedPayload>>
    /** Where the event with a uuid lies. */
    readonly positionOf: (project: ProjectId, uuid: string) => Answer<Position | undefined>
    /** The last position that was recorded at or before a time, in epoch milliseconds; 0 where none was. */
    readonly positionAt: (project: ProjectId, time: number) => Answer<Position>
    /**
     * The first position that was recorded at or after each of these times, in epoch milliseconds, in
     * the order asked; one past the last where none was.
     */
    readonly firstAt: (
      project: ProjectId,
      times: ReadonlyArray<number>,
    ) => Answer<ReadonlyArray<Position>>
    /** The first damage of a log, found by the seals of its commits; none where all is as its appends left it. */
    readonly damage: (project: ProjectId) => Answer<Damage | undefined>
    /** The uuid of the event at a position. */
    readonly uuidAt: (project: ProjectId, position: Position) => Answer<string | undefined>
    /** All events after a position, for ever: none is missed, none comes twice. */
    readonly tail: (question: {
      readonly project: ProjectId
      readonly after: Position
    }) => Stream.Stream<Recorded, EventLogError>
    /** Hints that a project has new events; may be lost or repeated. */
    readonly appended: Stream.Stream<ProjectId>
  }
>()("@onymous/log/EventLog") {}

/** Fails for an id that no project can have, whoever makes one. */
export const checkProjectId = (id: ProjectId): Effect.Effect<void, EventLogError> =>
  Effect.asVoid(
    Effect.mapError(
      Effect.fromResult(readProjectId(id)),
      ({ expected }) => new EventLogError({ reason: { _tag: "InvalidProject", expected } }),
    ),
  )

/** Fails for a project that there is not. */
export const projectNotFound = (project: ProjectId): EventLogError =>
  new EventLogError({ reason: { _tag: "ProjectNotFound", project } })

/** Fails for an id or a token that is taken. */
export const projectExists = (project: ProjectId): EventLogError =>
  new EventLogError({ reason: { _tag: "ProjectExists", project } })

/** Where a log ends, and the event that it has where a reader wants to go on. */
interface Found {
  readonly head: Position
  readonly uuid: string | undefined
}

/** Fails where the log does not go on from what its reader knows. */
export const checkContinued = (
  { project, after, afterUuid }: PageQuestion,
  { head, uuid }: Found,
): Effect.Effect<void, EventLogError> => {
  if (afterUuid === undefined || uuid === afterUuid) return Effect.void
  const reason = { project, position: after, expected: afterUuid, found: uuid, head }
  return Effect.fail(new EventLogError({ reason: { _tag: "WoundBack", ...reason } }))
}
