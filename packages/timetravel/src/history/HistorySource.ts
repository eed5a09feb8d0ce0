import { Context, Data, type Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation, Captured, Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { NotReached } from "@onymous/persons/reading/Freshness"
import type { Edit } from "./EditedLog.ts"
import type { History } from "./History.ts"
import type { NotUnderstood } from "./Point.ts"
import type { Verification } from "./Verify.ts"

/** A log with more events than the source holds in memory. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly head: Position
  readonly max: number
}> {
  override get message(): string {
    return `The log has ${this.head} events, and at most ${this.max} are held in memory here.`
  }
}

/** The reasons for which a question about the past fails. */
export type HistoryError = EventLogError | PersonsError | NotReached | NotUnderstood | TooLong

type Answer<A> = Effect.Effect<A, HistoryError>

/** An event with the history of the cones that it names. */
export interface Surroundings {
  readonly recorded: Recorded
  readonly history: History
}

/**
 * Reads a project's past, from a database or from a file. A question that names a place in the log, by a point, an
 * event or an edit, waits until the persons have reached it.
 */
export class HistorySource extends Context.Service<
  HistorySource,
  {
    /**
     * The history of the whole project; `TooLong` where the source does not hold that many events.
     */
    readonly whole: (project: ProjectId) => Answer<History>
    /**
     * The history of the ids' cones. It answers for these ids as the whole history does, after an
     * edit too, because an event changes nothing outside the cones of the ids that it names (DESIGN
     * §6).
     */
    readonly about: (
      project: ProjectId,
      ids: ReadonlySet<DistinctId>,
      edit?: Edit,
    ) => Answer<History>
    /** The event at a position with the history of its cones; undefined where there is no event. */
    readonly around: (project: ProjectId, position: Position) => Answer<Surroundings | undefined>
    /**
     * The position that a text names (`Point`); `NotUnderstood` names the field of another text.
     */
    readonly point: (
      project: ProjectId,
      text: string,
      field: string,
    ) => Effect.Effect<Position, Exclude<HistoryError, TooLong>>
    /** The acts of operators before a position, newest first. */
    readonly acts: (
      project: ProjectId,
      question: { readonly before?: Position | undefined; readonly limit: number },
    ) => Answer<ReadonlyArray<Recorded>>
    /** The event with a uuid. */
    readonly eventOf: (project: ProjectId, uuid: string) => Answer<Recorded | undefined>
    /**
     * The event with a uuid; fails where a retraction cannot undo it or has undone it (SPEC §8).
     */
    readonly retractable: (
      project: ProjectId,
      eventUuid: string,
    ) => Effect.Effect<Captured | Operation, HistoryError | OperationRefused>
    /**
     * Compares the stored hashes, from a position on, and the stored rows with a fold of the log.
     */
    readonly verify: (project: ProjectId, from?: Position) => Answer<Verification>
  }
>()("@onymous/timetravel/history/HistorySource") {}
