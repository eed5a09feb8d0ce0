import { Context, Data, type Effect } from "effect"
import type { Change } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Person } from "@onymous/identity/Person"
import type { Policy } from "@onymous/identity/Policy"
import type { Position } from "@onymous/identity/Position"
import type { ProjectId } from "@onymous/identity/ProjectId"
import type { Warning, WarningType } from "@onymous/identity/Warning"
import type { Slice } from "./Slice.ts"

/** How far a project's persons are, and of which log. */
export interface Checkpoint {
  readonly project: ProjectId
  readonly position: Position
  /** Who may commit: raised by every projector that takes over. */
  readonly epoch: number
  /** 32 hexadecimal digits: equal states have equal hashes, and only they. */
  readonly stateHash: string
  readonly policy: Policy
  /** The log that it counts in, and the uuid of its event at `position`: another log is refused. */
  readonly logId: string
  readonly lastUuid: string | undefined
}

/** A page of events, folded: what is committed together. */
export interface Page {
  readonly from: Checkpoint
  /** `from`, moved over the page. */
  readonly to: Checkpoint
  /** As loaded for the page, and moved by the fold. */
  readonly slice: Slice
  readonly changes: ReadonlyArray<Change>
}

/** A person with all its distinct ids, sorted. */
export interface PersonView extends Person {
  readonly distinctIds: ReadonlyArray<DistinctId>
}

/** A page of a listing; `next` asks for the one after it. */
export interface Listing<A> {
  readonly results: ReadonlyArray<A>
  readonly next: string | undefined
}

/** The warnings of one type. */
export interface WarningGroup {
  readonly type: WarningType
  readonly count: number
  /** Epoch milliseconds. */
  readonly lastSeen: number
  /** The newest, at most 50. */
  readonly warnings: ReadonlyArray<Warning>
}

/** Why the read model did not answer. */
export type PersonsReason =
  /** Another projector has taken over, or is ahead: nothing was written. */
  | { readonly _tag: "Fenced"; readonly project: ProjectId }
  | { readonly _tag: "InvalidCursor"; readonly cursor: string }
  | { readonly _tag: "Unavailable"; readonly cause: unknown }

/** The one error of the read model. */
export class PersonsError extends Data.TaggedError("PersonsError")<{
  readonly reason: PersonsReason
}> {
  override get message(): string {
    switch (this.reason._tag) {
      case "Fenced":
        return `Another projector owns project ${this.reason.project}.`
      case "InvalidCursor":
        return "cursor: expected the value of `next` of an earlier page."
      case "Unavailable":
        return `The read model is unavailable: ${String(this.reason.cause)}`
    }
  }
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
    /** All that folding events of these ids from the checkpoint on may read. */
    readonly load: (from: Checkpoint, ids: ReadonlySet<DistinctId>) => Answer<Slice>
    /** Writes a page's changes and its checkpoint together, or nothing: fenced unless `from` still stands. */
    readonly commit: (page: Page) => Answer<void>
    /** Deletes all that was derived of a project, so that it is derived again from position 1 of a log. */
    readonly reset: (project: ProjectId, logId: string) => Answer<void>
    /** The person that a distinct id leads to. */
    readonly find: (project: ProjectId, id: DistinctId) => Answer<PersonView | undefined>
    /** Persons, newest first; `search` looks into distinct ids and properties, ignoring case. */
    readonly list: (question: {
      readonly project: ProjectId
      readonly search?: string
      readonly limit: number
      readonly cursor?: string
    }) => Answer<Listing<PersonView>>
    /** Warnings by type, most recently seen first; `search` looks into type and details, `distinctId` into the ids. */
    readonly warningGroups: (question: {
      readonly project: ProjectId
      readonly type?: string
      readonly search?: string
      readonly distinctId?: string
    }) => Answer<ReadonlyArray<WarningGroup>>
    /** Warnings in the order of the log, after a position: `limit`, and the rest of the last event's. */
    readonly warnings: (question: {
      readonly project: ProjectId
      readonly after: Position
      readonly limit: number
    }) => Answer<ReadonlyArray<Warning>>
    /** Which of these positions hold events that were dropped. */
    readonly dropped: (
      project: ProjectId,
      positions: ReadonlyArray<Position>,
    ) => Answer<ReadonlySet<Position>>
    /** Everything that is derived of a project, as text, in a fixed order: equal logs give equal texts. */
    readonly dump: (project: ProjectId) => Answer<string>
  }
>()("@onymous/projector/Persons") {}
