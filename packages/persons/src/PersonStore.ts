import { Context } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Waiting } from "@onymous/identity/state/WaitingQueue"
import type { Slice } from "./rows/LoadedSlice.ts"
import type { Checkpoint } from "./Checkpoint.ts"
import type { Page } from "./rows/PageFold.ts"
import type { Answer } from "./Persons.ts"

/** What a projector reads and writes of a project, page by page. */
export class PersonStore extends Context.Service<
  PersonStore,
  {
    /** Takes over a project: from now on nobody else's commit succeeds. */
    readonly claim: (project: ProjectId, logId: string) => Answer<Checkpoint>
    /** Gives a project back to whoever had it before this claim, unless somebody has claimed it since. */
    readonly release: (claimed: Checkpoint) => Answer<void>
    /** All that folding these events from the checkpoint on may read. */
    readonly load: (from: Checkpoint, wanted: Wanted) => Answer<Slice>
    /** The events that wait and are due at or before a time, in the order of their release. */
    readonly due: (from: Checkpoint, until: number) => Answer<ReadonlyArray<Due>>
    /** The projects in which an event is due by the clock of where the log lies, and when the first one was. */
    readonly overdue: Answer<ReadonlyArray<Overdue>>
    /** How many events wait now, of each project in which some do. */
    readonly waiting: Answer<ReadonlyMap<ProjectId, number>>
    /** Writes a page's changes and its checkpoint together, or nothing: fenced unless `from` still stands. */
    readonly commit: (page: Page) => Answer<void>
  }
>()("@onymous/persons/PersonStore") {}

/** What a page of events may read or change. */
export interface Wanted {
  readonly ids: ReadonlySet<DistinctId>
  /** All distinct ids of the persons that these lead to are needed, not only these. */
  readonly isWhole: boolean
  /** The page may change the policy, and so what it reads. */
  readonly changesPolicy: boolean
  /** The events that are due before the page's last one. */
  readonly waiting: ReadonlyArray<Waiting>
}

/** An event that is to be released. */
export interface Due {
  readonly position: Position
  readonly dueAt: number
}

/** A project in which an event is due. */
export interface Overdue {
  readonly project: ProjectId
  readonly dueAt: number
  /** The time by the clock that says so. */
  readonly now: number
}
