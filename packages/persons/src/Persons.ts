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
  /** Where it was released, and by what; undefined while it waits. */
  readonly released:
    | { readonly position: Position; readonly by: ReleasedBy; readonly personId?: PersonId }
    | undefined
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
  /** Looked for in distinct ids and in the values of properties, ignoring the case of any script. */
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

/** A distinct id, and whose it is. */
export interface OwnedId {
  readonly distinctId: DistinctId
  readonly personId: PersonId
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
  /** Looked for in types and in the values of details, ignoring the case of any script. */
  readonly search?: string
  /** One of the ids that they name. */
  readonly distinctId?: string
  /** Not before, in epoch milliseconds. */
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

/** The questions of what is true now, or was once a position had been processed: they change nothing. */
export class Persons extends Context.Service<
  Persons,
  {
    /** The checkpoint of a project; none before the first projector claimed it. */
    readonly checkpoint: (project: ProjectId) => Answer<Checkpoint | undefined>
    /** All distinct ids of the cones that some are in (DESIGN §6). */
    readonly conesOf: (
      from: Checkpoint,
      ids: ReadonlySet<DistinctId>,
    ) => Answer<ReadonlySet<DistinctId>>
    /** The events of a project that wait, or all that ever did, newest first. */
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
    /** The person that a distinct id leads to, or led to once a position had been processed. */
    readonly find: (
      project: ProjectId,
      id: DistinctId,
      at?: Position,
    ) => Answer<PersonView | undefined>
    /** The person with an id, as long as it has distinct ids. */
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
    /** Warnings in the order in which they were raised, after a position: `limit`, and the rest of the last position's. */
    readonly warnings: (
      question: WarningsQuestion & { readonly after: Position; readonly limit: number },
    ) => Answer<ReadonlyArray<RaisedWarning>>
    /** The state hashes that were stored along the way, in order. */
    readonly hashes: (
      project: ProjectId,
    ) => Answer<ReadonlyArray<{ readonly position: Position; readonly stateHash: string }>>
  }
>()("@onymous/persons/Persons") {}

/** A position that no log reaches. */
export const latest = Position(Number.MAX_SAFE_INTEGER)

/** The most waiting events of one id that are told. */
export const waitingOfMax = 100

/** An event that had waited, as it was at a position: what released it later had not yet. */
export const waitingAt = (view: WaitingView, at: Position): WaitingView =>
  view.released !== undefined && view.released.position > at
    ? { ...view, released: undefined }
    : view
