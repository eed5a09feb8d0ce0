import { Context, type Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Policy } from "@onymous/identity/policy/Policy"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Waiting } from "@onymous/identity/state/WaitingQueue"
import type { Warning, WarningType } from "@onymous/identity/state/Warning"
import type { Rows } from "./rows/RowChanges.ts"
import type { Slice } from "./rows/LoadedSlice.ts"
import type { Checkpoint } from "./Checkpoint.ts"
import { PersonsError } from "./PersonsError.ts"

/** A page of events, folded: what is committed together. */
export interface Page {
  readonly from: Checkpoint
  /** `from`, moved over the page. */
  readonly to: Checkpoint
  /** What the page changes in the tables. */
  readonly rows: Rows
}

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

/**
 * How one derivation of a project compares with another: by all persons with their ids, as of the earlier
 * position, and by their state hashes, or by the last one that both keep where one is further.
 */
export interface Comparison {
  /** Where they were compared; 0 where there is nothing to compare with. */
  readonly position: Position
  readonly isSame: boolean
  /** Persons that differ, at most 20. */
  readonly persons: ReadonlyArray<PersonId>
}

/** What released an event that had waited. */
export type ReleasedBy = "event" | "tick" | "retraction"

/** An event that waits, or had waited (SPEC §4). */
export interface WaitingView {
  readonly position: Position
  readonly distinctId: DistinctId
  /** Epoch milliseconds. */
  readonly dueAt: number
  /** Where it was released, and by what; undefined while it waits. */
  readonly released:
    | { readonly position: Position; readonly by: ReleasedBy; readonly personId?: PersonId }
    | undefined
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
}

/** What became of an event that is not simply its person's. */
export type Fate = { readonly _tag: "Dropped" } | ({ readonly _tag: "Waited" } & WaitingView)

/** Whose an id was at a position, and how many of its persons were gone by then. */
export interface OwnerAt {
  readonly personId: PersonId | undefined
  readonly generation: number
}

/** A policy, and the position from which on it holds. */
export interface PolicyFrom {
  readonly from: Position
  readonly policy: Policy
}

/** A person with all its distinct ids, sorted. */
export interface PersonView extends Person {
  readonly distinctIds: ReadonlyArray<DistinctId>
}

/** Which persons are asked for. */
export interface PersonsQuestion {
  readonly project: ProjectId
  /** Looked for in distinct ids and properties, ignoring case. */
  readonly search?: string
  readonly limit: number
  readonly cursor?: string
  /** As they were once this position had been processed. */
  readonly at?: Position
}

/** A page of a listing; `next` asks for the one after it. */
export interface Listing<A> {
  readonly results: ReadonlyArray<A>
  readonly next: string | undefined
}

/** A warning, and where it was raised: past its event, where that had waited. */
export interface RaisedWarning extends Warning {
  readonly raisedAt: Position
}

/** Which warnings are asked for. */
export interface WarningsQuestion {
  readonly project: ProjectId
  readonly type?: string
  /** Looked for in types and details, ignoring case. */
  readonly search?: string
  /** One of the ids that they name. */
  readonly distinctId?: string
  /** Not before, in epoch milliseconds. */
  readonly since?: number
  /** As they were once this position had been processed. */
  readonly at?: Position
}

/** The warnings of one type. */
export interface WarningGroup {
  readonly type: WarningType
  readonly count: number
  /** Epoch milliseconds. */
  readonly lastSeen: number
  /** How many each day, in UTC; days without any are left out. */
  readonly daily: ReadonlyArray<{ readonly day: string; readonly count: number }>
  /** The newest, at most 50. */
  readonly warnings: ReadonlyArray<RaisedWarning>
}

/** Answers a question about one project, or fails with a `PersonsError`. */
type Answer<A> = Effect.Effect<A, PersonsError>

/** The read model: what is true now, kept by the projector and asked by everybody. */
export class Persons extends Context.Service<
  Persons,
  {
    /** The checkpoint of a project; none before the first projector claimed it. */
    readonly checkpoint: (project: ProjectId) => Answer<Checkpoint | undefined>
    /** Takes over a project: from now on nobody else's commit succeeds. */
    readonly claim: (project: ProjectId, logId: string) => Answer<Checkpoint>
    /** All that folding these events from the checkpoint on may read. */
    readonly load: (from: Checkpoint, wanted: Wanted) => Answer<Slice>
    /** All distinct ids of the cones that some are in (DESIGN §6). */
    readonly conesOf: (
      from: Checkpoint,
      ids: ReadonlySet<DistinctId>,
    ) => Answer<ReadonlySet<DistinctId>>
    /** The events that wait and are due at or before a time, in the order of their release. */
    readonly due: (from: Checkpoint, until: number) => Answer<ReadonlyArray<Due>>
    /** The projects in which an event is due at a time, and when the first one was. */
    readonly overdue: (now: number) => Answer<ReadonlyArray<Overdue>>
    /** The events of a project that wait, or all that ever did, newest first. */
    readonly waiting: (question: {
      readonly project: ProjectId
      readonly limit: number
      readonly before?: Position
      readonly withReleased?: boolean
      /** As it was once this position had been processed. */
      readonly at?: Position
    }) => Answer<ReadonlyArray<WaitingView>>
    /** What became of the events at these positions; only what is not simply attributed. */
    readonly fates: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyMap<Position, Fate>>
    /** Where the persons of these ids were last deleted, by now or by a position: events before are nobody's. */
    readonly goneAt: (
      project: ProjectId,
      ids: ReadonlyArray<DistinctId>,
      at?: Position,
    ) => Answer<ReadonlyMap<DistinctId, Position>>
    /** Whose each of these ids was once its position had been processed, in the order asked. */
    readonly ownersAt: (
      project: ProjectId,
      asked: ReadonlyArray<{ readonly distinctId: DistinctId; readonly position: Position }>,
    ) => Answer<ReadonlyArray<OwnerAt>>
    /** The policies of a project, each from where on it held, in order. */
    readonly policies: (project: ProjectId) => Answer<ReadonlyArray<PolicyFrom>>
    /** Writes a page's changes and its checkpoint together, or nothing: fenced unless `from` still stands. */
    readonly commit: (page: Page) => Answer<void>
    /**
     * Takes over the edition in the making, which goes on where it was; where there is none, begins one,
     * which is loading. One of a long log lies apart, in tables of its own, if there is room for more.
     */
    readonly claimEdition: (
      project: ProjectId,
      logId: string,
      options?: { readonly isLong: boolean },
    ) => Answer<Checkpoint>
    /** The edition in the making, if there is one, and a mark that changes while somebody makes it. */
    readonly making: (
      project: ProjectId,
    ) => Answer<{ readonly checkpoint: Checkpoint; readonly mark: string } | undefined>
    /** Tells others that the edition in the making is not left alone. */
    readonly beat: (made: Checkpoint) => Answer<void>
    /** Makes one that is loaded ready. */
    readonly seal: (made: Checkpoint) => Answer<Checkpoint>
    /**
     * Puts the edition in the making in the place of the live one, which is fenced and retired, in one
     * step; not where the live one is no longer as it was claimed: `moved`. Where there is none, that is
     * said by `undefined`.
     */
    readonly publish: (
      made: Checkpoint,
      live: Checkpoint | undefined,
    ) => Answer<"published" | "moved">
    /** Retires the edition in the making, unless somebody else has taken it over; answers whether it did. */
    readonly discard: (made: Checkpoint) => Answer<boolean>
    /** Frees the room of editions that were replaced or discarded, and are asked by nobody. */
    readonly sweep: Answer<void>
    /** How the edition in the making, which is ready, differs from the live one at the last position that both have reached. */
    readonly compare: (made: Checkpoint) => Answer<Comparison>
    /** The person that a distinct id leads to, or led to once a position had been processed. */
    readonly find: (
      project: ProjectId,
      id: DistinctId,
      at?: Position,
    ) => Answer<PersonView | undefined>
    /** Persons, newest first. */
    readonly list: (question: PersonsQuestion) => Answer<Listing<PersonView>>
    /** Warnings by type, most recently seen first. */
    readonly warningGroups: (question: WarningsQuestion) => Answer<ReadonlyArray<WarningGroup>>
    /** Warnings in the order in which they were raised, after a position: `limit`, and the rest of the last position's. */
    readonly warnings: (question: {
      readonly project: ProjectId
      readonly after: Position
      readonly limit: number
    }) => Answer<ReadonlyArray<RaisedWarning>>
    /** The state hashes that were stored along the way, in order. */
    readonly hashes: (
      project: ProjectId,
    ) => Answer<ReadonlyArray<{ readonly position: Position; readonly stateHash: string }>>
    /** Everything that is derived of a project, as text, in a fixed order: equal logs give equal texts. */
    readonly dump: (project: ProjectId) => Answer<string>
  }
>()("@onymous/persons/Persons") {}
