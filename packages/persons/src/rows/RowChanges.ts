import type { ComponentId } from "@onymous/identity/state/Component"
import type { LinkOutcome } from "@onymous/identity/state/Change"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Policy } from "@onymous/identity/policy/Policy"
import type { Position } from "@onymous/identity/event/Position"
import type { Warning } from "@onymous/identity/state/Warning"
import type { Block } from "./Activity.ts"
import type { Interval } from "./Interval.ts"

export interface PersonRow extends Interval {
  readonly person: Person
}

/** A distinct id is in a component. */
export interface MembershipRow extends Interval {
  readonly distinctId: DistinctId
  readonly component: ComponentId
}

/** A component is a person's. Only the open row knows what the component comes to. */
export interface ComponentRow extends Interval {
  readonly component: ComponentId
  readonly personId: PersonId
  readonly size: number | null
  readonly ids: string | null
  /** The id that was seen first, and where. */
  readonly first: DistinctId | null
  readonly firstSeen: Position | null
  readonly joinedSince: number | null
  readonly joinedCount: number | null
}

/** Rows that are true for a while. */
export interface Ended {
  readonly persons: Array<PersonRow>
  readonly memberships: Array<MembershipRow>
  readonly components: Array<ComponentRow>
}

/** The ids that are in a component when the page begins are in `component`, or in none, from `from` on. */
export interface MoveRow extends Interval {
  readonly stored: ComponentId
  readonly component: ComponentId | null
}

/** An event waits, from its own position on. */
export interface WaitingRow {
  readonly position: Position
  readonly distinctId: DistinctId
  readonly dueAt: number
  readonly released: ReleaseRow | null
}

/** An event that waited was released. */
export interface ReleaseRow {
  readonly event: Position
  readonly at: Position
  readonly by: ReleasedBy
  readonly personId: PersonId | null
}

/** An id was used without a person. */
export interface PersonlessRow extends Interval {
  readonly distinctId: DistinctId
}

/** How many persons of an id are gone, and where the last one was deleted; the latest row holds. */
export interface GenerationRow {
  readonly distinctId: DistinctId
  readonly generation: number
  readonly from: Position
  readonly goneAt: Position | null
}

/** Two distinct ids are in one cone, though in no component. */
export interface ConeLinkRow {
  readonly low: DistinctId
  readonly high: DistinctId
}

/** How often an id was refused. */
export interface RefusalRow {
  readonly distinctId: DistinctId
  readonly count: number
}

/** An event was not applied. */
export interface DroppedRow {
  readonly event: Position
  readonly from: Position
}

/** A policy, from a position on. */
export interface PolicyRow {
  readonly from: Position
  readonly policy: Policy
}

/** The hash of the state after a position. */
export interface HashRow {
  readonly position: Position
  readonly stateHash: string
}

/** An event that named two ids, and how that ended. */
export interface LinkRow {
  /** Where the event lies; it decided at `position`, later where it had waited. */
  readonly event: Position
  readonly position: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly outcome: LinkOutcome
  readonly loser: ComponentId | null
  readonly winner: ComponentId | null
  /** How many properties of the source gave way in a merge. */
  readonly lost: number
  /** True for a merge of two identified persons. */
  readonly areIdentified: boolean
  /** True for a merge that an operator asked for. */
  readonly isOperators: boolean
}

/** A warning was raised; it holds until a retraction leaves it without reason. */
export interface WarningRow extends Interval {
  readonly warning: Warning
  /** Which of the warnings that its event raised at once. */
  readonly ordinal: number
}

/** New rows by table, and new contents of stored rows where a table is upserted: see `DerivedTables`. */
export interface NewRows {
  readonly memberships: ReadonlyArray<MembershipRow>
  readonly persons: ReadonlyArray<PersonRow>
  readonly cone_links: ReadonlyArray<ConeLinkRow>
  readonly components: ReadonlyArray<ComponentRow>
  readonly waiting_events: ReadonlyArray<WaitingRow>
  readonly refusals: ReadonlyArray<RefusalRow>
  readonly links: ReadonlyArray<LinkRow>
  readonly warnings: ReadonlyArray<WarningRow>
  readonly dropped_events: ReadonlyArray<DroppedRow>
  readonly state_hashes: ReadonlyArray<HashRow>
  readonly personless_ids: ReadonlyArray<PersonlessRow>
  readonly generations: ReadonlyArray<GenerationRow>
  readonly policies: ReadonlyArray<PolicyRow>
  /** Counts to add to those of the block, where it has some. */
  readonly activity: ReadonlyArray<Block>
}

/** The name of a derived table. */
export type Table = keyof NewRows

/** What becomes of rows that are stored already. */
export interface StoredChanges {
  readonly closedPersons: ReadonlyArray<{ readonly id: PersonId; readonly to: Position }>
  readonly moves: ReadonlyArray<MoveRow>
  /** Stored memberships, moved ones among them, that end. */
  readonly closedMemberships: ReadonlyArray<{
    readonly distinctId: DistinctId
    readonly to: Position
  }>
  /** Of events whose stored warnings end, all of them. */
  readonly revokedWarnings: ReadonlyArray<{ readonly event: Position; readonly to: Position }>
  /** Of events that were stored as waiting. */
  readonly released: ReadonlyArray<ReleaseRow>
  /** Stored ones that end, where there are such. */
  readonly closedPersonless: ReadonlyArray<{
    readonly distinctId: DistinctId
    readonly to: Position
  }>
}

/** What a page changes in the tables. Equal logs make equal tables, whatever the pages. */
export interface Rows extends NewRows, StoredChanges {}

/** What released an event that had waited. */
export type ReleasedBy = "event" | "tick" | "retraction"
