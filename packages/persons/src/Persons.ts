import { Context, type Effect } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Policy } from "@onymous/identity/policy/Policy"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Warning, WarningType } from "@onymous/identity/state/Warning"
import type { ReleasedBy } from "./rows/RowChanges.ts"
import type { Checkpoint } from "./Checkpoint.ts"
import { PersonsError } from "./PersonsError.ts"

/** An event that waits, or had waited (SPEC §4). */
export interface WaitingView {
  readonly position: Position
  readonly distinctId: DistinctId
  /** Epoch milliseconds. */
  readonly dueAt: number
  /** The position of the release, and what released the event; undefined while it waits. */
  readonly released:
    | { readonly position: Position; readonly by: ReleasedBy; readonly personId?: PersonId }
    | undefined
}

/** The fate of an event that was dropped, or that waits or had waited. */
export type Fate = { readonly _tag: "Dropped" } | ({ readonly _tag: "Waited" } & WaitingView)

/** The owner of an id at a position, and how many of the id's persons were deleted by then. */
export interface OwnerAt {
  readonly personId: PersonId | undefined
  readonly generation: number
}

/** A policy, and the first position at which it holds. */
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
  /** A text to find in distinct ids and in the values of properties, in letters of either case of any script. */
  readonly search?: string
  readonly limit: number
  readonly cursor?: string
  /** As they were once this position had been processed. */
  readonly at?: Position
}

/** Which distinct ids are asked for. */
export interface IdsQuestion {
  readonly project: ProjectId
  readonly prefix: string
  readonly limit: number
  /** As they were once this position had been processed. */
  readonly at?: Position
}

/** A distinct id and its person. */
export interface OwnedId {
  readonly distinctId: DistinctId
  readonly personId: PersonId
}

/** A page of a listing; `next` asks for the one after it. */
export interface Listing<A> {
  readonly results: ReadonlyArray<A>
  readonly next: string | undefined
}

/** A warning, and the position at which it was raised: later than its event where the event had waited. */
export interface RaisedWarning extends Warning {
  readonly raisedAt: Position
}

/** Which warnings are asked for. */
export interface WarningsQuestion {
  readonly project: ProjectId
  readonly type?: string
  /** A text to find in types and in the values of details, in letters of either case of any script. */
  readonly search?: string
  /** Only warnings that name this id. */
  readonly distinctId?: string
  /** Only warnings from this time on, in epoch milliseconds. */
  readonly since?: number
  /** As they were once this position had been processed. */
  readonly at?: Position
}

/** The most warnings that a group shows. */
export const shownMax = 50

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
export type Answer<A> = Effect.Effect<A, PersonsError>

/** Questions about the persons of now, or as of a position; none of them changes anything. */
export class Persons extends Context.Service<
  Persons,
  {
    /** The checkpoint of a project; undefined before its first projector has claimed it. */
    readonly checkpoint: (project: ProjectId) => Answer<Checkpoint | undefined>
    /** All distinct ids of the cones that these ids are in (DESIGN §6). */
    readonly conesOf: (
      from: Checkpoint,
      ids: ReadonlySet<DistinctId>,
    ) => Answer<ReadonlySet<DistinctId>>
    /** The waiting events of a project, newest first; with `withReleased`, also those that had waited. */
    readonly waiting: (question: {
      readonly project: ProjectId
      readonly limit: number
      readonly before?: Position
      readonly withReleased?: boolean
      /** As it was once this position had been processed. */
      readonly at?: Position
    }) => Answer<ReadonlyArray<WaitingView>>
    /** The events of a distinct id that wait now, newest first, at most a hundred. */
    readonly waitingOf: (
      project: ProjectId,
      distinctId: DistinctId,
    ) => Answer<ReadonlyArray<WaitingView>>
    /** The fates of the events at these positions; an event that was processed at once has none. */
    readonly fates: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlyMap<Position, Fate>>
    /**
     * The position at which each id's person was last deleted, now or as of a position: earlier events have no
     * person.
     */
    readonly goneAt: (
      project: ProjectId,
      ids: ReadonlyArray<DistinctId>,
      at?: Position,
    ) => Answer<ReadonlyMap<DistinctId, Position>>
    /** The owner of each of these ids once its position had been processed, in the same order. */
    readonly ownersAt: (
      project: ProjectId,
      places: ReadonlyArray<{ readonly distinctId: DistinctId; readonly position: Position }>,
    ) => Answer<ReadonlyArray<OwnerAt>>
    /** The policies of a project in order, each with the first position at which it held. */
    readonly policies: (project: ProjectId) => Answer<ReadonlyArray<PolicyFrom>>
    /** The person that a distinct id leads to, or led to once a position had been processed. */
    readonly find: (
      project: ProjectId,
      id: DistinctId,
      at?: Position,
    ) => Answer<PersonView | undefined>
    /** The person with a person id; undefined where it has no distinct ids. */
    readonly findById: (
      project: ProjectId,
      id: PersonId,
      at?: Position,
    ) => Answer<PersonView | undefined>
    /** The distinct ids that have a person and begin with a text, in the order of their bytes. */
    readonly idsFrom: (question: IdsQuestion) => Answer<ReadonlyArray<OwnedId>>
    /** Persons, newest first. */
    readonly list: (question: PersonsQuestion) => Answer<Listing<PersonView>>
    /** Warnings by type, most recently seen first. */
    readonly warningGroups: (question: WarningsQuestion) => Answer<ReadonlyArray<WarningGroup>>
    /**
     * Warnings after a position, in the order in which they were raised. A page has `limit` of them, and the rest of
     * those at its last position, because a cursor is a position.
     */
    readonly warnings: (
      question: WarningsQuestion & { readonly after: Position; readonly limit: number },
    ) => Answer<ReadonlyArray<RaisedWarning>>
    /** The stored state hashes, in the order of their positions. */
    readonly hashes: (
      project: ProjectId,
    ) => Answer<ReadonlyArray<{ readonly position: Position; readonly stateHash: string }>>
  }
>()("@onymous/persons/Persons") {}

/** A position that no log reaches. */
export const latest = Position(Number.MAX_SAFE_INTEGER)

/** At most this many waiting events of one id are listed. */
export const waitingOfMax = 100

/** A waiting event as of a position: at that position, a later release had not happened yet. */
export const waitingAt = (view: WaitingView, at: Position): WaitingView =>
  view.released !== undefined && view.released.position > at
    ? { ...view, released: undefined }
    : view
