import { Context, Data, type Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Operation, Captured, Recorded } from "@onymous/identity/event/Event"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { EventLogError } from "@onymous/log/EventLog"
import type { OperationRefused } from "@onymous/log/OperationRefused"
import type { PersonsError } from "@onymous/persons/PersonsError"
import type { Edit } from "./EditedLog.ts"
import type { History } from "./History.ts"
import type { NotUnderstood } from "./Point.ts"
import type { Verified } from "./Verify.ts"

/** The log is too long to be held in memory. */
export class TooLong extends Data.TaggedError("TooLong")<{
  readonly head: Position
  readonly max: number
}> {
  override get message(): string {
    return `The log has ${this.head} events, and at most ${this.max} are held in memory here.`
  }
}

/** Why the past is not told. */
export type HistoryError = EventLogError | PersonsError | NotUnderstood | TooLong

type Answer<A> = Effect.Effect<A, HistoryError>

/** An event, and the part of the history that it is about. */
export interface Surroundings {
  readonly recorded: Recorded
  readonly history: History
}

/** Where the past of a project is read: a database, or a file. */
export class HistorySource extends Context.Service<
  HistorySource,
  {
    /** All that ever happened; refused where the source holds no log as long as that in memory. */
    readonly whole: (project: ProjectId) => Answer<History>
    /**
     * What is about some distinct ids: it answers for them like the whole, also after an edit, because
     * no event reaches beyond the cones of the ids that it names (DESIGN §6).
     */
    readonly about: (
      project: ProjectId,
      ids: ReadonlySet<DistinctId>,
      edit?: Edit,
    ) => Answer<History>
    /** The event at a position, with what is about its ids; nothing where there is no event. */
    readonly around: (project: ProjectId, position: Position) => Answer<Surroundings | undefined>
    /** The position that a text names (`Point`); another text is refused by the field that held it. */
    readonly point: (project: ProjectId, text: string, field: string) => Answer<Position>
    /** The event with a uuid. */
    readonly eventOf: (project: ProjectId, uuid: string) => Answer<Recorded | undefined>
    /** The event with a uuid, if it can be undone and is not yet (SPEC §8). */
    readonly retractable: (
      project: ProjectId,
      eventUuid: string,
    ) => Effect.Effect<Captured | Operation, HistoryError | OperationRefused>
    /** Whether what is stored is what the log comes to: hashes are compared from a position on. */
    readonly verify: (project: ProjectId, from?: Position) => Answer<Verified>
  }
>()("@onymous/timetravel/history/HistorySource") {}
