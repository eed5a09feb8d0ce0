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

/** A component belongs to a person. Only the open row has the totals of the component: size, hash and the like. */
export interface ComponentRow extends Interval {
  readonly component: ComponentId
  readonly personId: PersonId
  readonly size: number | null
  readonly ids: string | null
  /** The id of the component that was seen first, and the position. */
  readonly first: DistinctId | null
  readonly firstSeen: Position | null
  readonly joinedSince: number | null
  readonly joinedCount: number | null
}

/** Rows of persons, memberships and components that have ended. */
export interface EndedRows {
  readonly persons: Array<PersonRow>
  readonly memberships: Array<MembershipRow>
  readonly components: Array<ComponentRow>
}

/** The ids that were in `stored` when the page began are in `component`, or in none, from `from` on. */
export interface MoveRow extends Interval {
  readonly stored: ComponentId
  readonly component: ComponentId | null
}

/** An event waits from its own position on. */
export interface WaitingRow {
  readonly position: Position
  readonly distinctId: DistinctId
  readonly dueAt: number
  readonly released: ReleaseRow | null
}

/** A waiting event was released. */
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

/** How many persons of an id were deleted, and the position of the last deletion; the latest row holds. */
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

/** An event was dropped. */
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

/** An event named two ids: the outcome is a union or a refusal. */
export interface LinkRow {
  /** The position of the event; the link was made at `position`, which is later where the event had waited. */
  readonly event: Position
  readonly position: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly outcome: LinkOutcome
  readonly loser: ComponentId | null
  readonly winner: ComponentId | null
  /** How many properties of the source the merge has overwritten. */
  readonly lost: number
  /** True for a merge of two identified persons. */
  readonly areIdentified: boolean
  /** True for a merge that an operator asked for. */
  readonly isOperators: boolean
}

/** A warning was raised; it holds until a retraction removes its reason. */
export interface WarningRow extends Interval {
  readonly warning: Warning
  /** Its number among the warnings that the event raised at one position. */
  readonly ordinal: number
}

/** New rows by table; in an upserted table they may replace stored rows (`DerivedTables`). */
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
  /** Counts that are added to the stored ones of their block. */
  readonly activity: ReadonlyArray<Block>
}

/** The name of a derived table. */
export type Table = keyof NewRows

/** The changes of stored rows. */
export interface StoredChanges {
  readonly closedPersons: ReadonlyArray<{ readonly id: PersonId; readonly to: Position }>
  readonly moves: ReadonlyArray<MoveRow>
  /** The ends of stored memberships, moved ones among them. */
  readonly closedMemberships: ReadonlyArray<{
    readonly distinctId: DistinctId
    readonly to: Position
  }>
  /** Events of which all stored warnings end. */
  readonly revokedWarnings: ReadonlyArray<{ readonly event: Position; readonly to: Position }>
  /** The releases of stored waiting events. */
  readonly released: ReadonlyArray<ReleaseRow>
  /** The ends of stored personless ids; an id may have no stored row. */
  readonly closedPersonless: ReadonlyArray<{
    readonly distinctId: DistinctId
    readonly to: Position
  }>
}

/** The rows that a page adds and changes. Equal logs make equal tables, however they are cut into pages. */
export interface Rows extends NewRows, StoredChanges {}

/** What released an event that had waited. */
export type ReleasedBy = "event" | "tick" | "retraction"
