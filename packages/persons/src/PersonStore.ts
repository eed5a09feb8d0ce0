import { Context } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Waiting } from "@onymous/identity/state/WaitingQueue"
import type { Slice } from "./rows/LoadedSlice.ts"
import type { Checkpoint, StoredCheckpoint } from "./Checkpoint.ts"
import type { Page } from "./rows/PageFold.ts"
import type { Answer } from "./Persons.ts"

/** The reads and writes by which a projector derives persons, page by page. */
export class PersonStore extends Context.Service<
  PersonStore,
  {
    /** Takes over a project: from now on no other projector's commit succeeds. */
    readonly claim: (project: ProjectId, logId: string) => Answer<Checkpoint>
    /**
     * Undoes a claim, so that the owner before it may commit again, unless another projector has claimed the project
     * since.
     */
    readonly release: (claimed: StoredCheckpoint) => Answer<void>
    /** The slice that a fold of these events from the checkpoint on may read. */
    readonly load: (from: Checkpoint, wanted: Wanted) => Answer<Slice>
    /** The events that wait and are due at or before a time, in the order of their release. */
    readonly due: (from: Checkpoint, until: number) => Answer<ReadonlyArray<Due>>
    /** The projects in which a waiting event is due by the log's clock, each with the first due time. */
    readonly overdue: Answer<ReadonlyArray<Overdue>>
    /** How many events wait now in each project that has waiting events. */
    readonly waiting: Answer<ReadonlyMap<ProjectId, number>>
    /**
     * Writes a page's changes and its checkpoint together; fails with `Fenced`, and writes nothing, unless the stored
     * checkpoint is `from`.
     */
    readonly commit: (page: Page) => Answer<void>
  }
>()("@onymous/persons/PersonStore") {}

/** What a page of events may read or change. */
export interface Wanted {
  readonly ids: ReadonlySet<DistinctId>
  /** True where the page needs all distinct ids of the persons that `ids` lead to. */
  readonly isWhole: boolean
  /** True where the page may change the policy, and thereby which rows its fold reads. */
  readonly changesPolicy: boolean
  /** The waiting events that are due before the page's last event. */
  readonly waiting: ReadonlyArray<Waiting>
}

/** A waiting event that is due. */
export interface Due {
  readonly position: Position
  readonly dueAt: number
}

/** A project in which a waiting event is due. */
export interface Overdue {
  readonly project: ProjectId
  readonly dueAt: number
  /** The log's time when it was found to be due. */
  readonly now: number
}
