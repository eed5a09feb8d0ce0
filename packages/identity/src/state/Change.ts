import type { DistinctId } from "../event/DistinctId.ts"
import type { ComponentId } from "./Component.ts"
import type { Joined } from "../policy/JoinedCount.ts"
import type { StoppedOutcome } from "../policy/MergeChecks.ts"
import type { Person } from "./Person.ts"
import type { PersonId } from "./PersonId.ts"
import type { Policy } from "../policy/Policy.ts"
import type { Position } from "../event/Position.ts"
import type { Waiting } from "./WaitingQueue.ts"
import type { Warning } from "./Warning.ts"

/** The outcome of a merge that an event asked for (SPEC §2). */
export type LinkOutcome = "created" | "attached" | "merged" | StoppedOutcome

/** A distinct id that left its component, with its new component and person. */
export interface SplitPart {
  readonly distinctId: DistinctId
  readonly component: ComponentId
  readonly person: Person
  /** Raised where the distinct id had founded the person that it leaves. */
  readonly generation: number
}

/** A whole component: its person, and its distinct ids, sorted. */
export interface ComponentState {
  readonly id: ComponentId
  readonly person: Person
  readonly members: ReadonlyArray<DistinctId>
  /** The first seen of its distinct ids, and the position. */
  readonly first: DistinctId
  readonly firstSeen: Position
  readonly joined?: Joined
}

/**
 * One difference between two identities; only changes move an identity and its tables. `position`
 * is the position at which the change became true; for an event that waited, `event` is the event's
 * own position.
 */
export type Change =
  /** A distinct id founded a person, in a component of the same name. */
  | {
      readonly _tag: "PersonBorn"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly person: Person
    }
  /** A distinct id without a person joined the component of another. */
  | {
      readonly _tag: "IdJoined"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly via: DistinctId
      readonly component: ComponentId
      readonly joined?: Joined
    }
  /**
   * The ids of `loser` moved to `winner`, the larger component, which belongs to `person` from here
   * on.
   */
  | {
      readonly _tag: "ComponentsJoined"
      readonly position: Position
      readonly target: DistinctId
      readonly source: DistinctId
      readonly winner: ComponentId
      readonly loser: ComponentId
      readonly person: Person
      readonly gone: PersonId
      readonly joined?: Joined
    }
  /** A person has a new version. */
  | {
      readonly _tag: "PersonChanged"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly person: Person
    }
  /**
   * An event named two ids. Where it united them, `loser` and `winner` are the edge that it added
   * to the lineage: each component loses once, so the lineage is a forest with one path between two
   * ids.
   */
  | {
      readonly _tag: "Linked"
      readonly position: Position
      readonly event: Position
      readonly target: DistinctId
      readonly source: DistinctId
      readonly outcome: LinkOutcome
      readonly loser?: ComponentId
      readonly winner?: ComponentId
      /** Properties of the source that gave way to the target's in a merge. */
      readonly lost?: number
      /** In a merge: true where both persons were identified before. */
      readonly areIdentified?: boolean
      /** In a merge: true where an operator asked for it. */
      readonly isOperators?: boolean
    }
  /** Two ids are in one cone from now on, though in no component: an event named both, or they left each other. */
  | {
      readonly _tag: "ConesLinked"
      readonly position: Position
      /** The smaller one of the two. */
      readonly low: DistinctId
      readonly high: DistinctId
    }
  | { readonly _tag: "Warned"; readonly position: Position; readonly warning: Warning }
  /** Distinct ids left their component, each to a component of its own with a new person (P56). */
  | {
      readonly _tag: "IdsSplitOff"
      readonly position: Position
      /** The component that the ids left. */
      readonly component: ComponentId
      /** An id that stays. */
      readonly kept: DistinctId
      /** The first seen of the ids that stay. */
      readonly first: DistinctId
      readonly parts: ReadonlyArray<SplitPart>
    }
  /**
   * A person was deleted with its component; the next event of each of its ids founds a new person
   * (SPEC §8).
   */
  | {
      readonly _tag: "PersonGone"
      readonly position: Position
      readonly component: ComponentId
      readonly personId: PersonId
      readonly ids: ReadonlyArray<{ readonly distinctId: DistinctId; readonly generation: number }>
    }
  /** A retraction regrouped the ids of some components (SPEC §8). */
  | {
      readonly _tag: "ComponentsReplaced"
      readonly position: Position
      readonly before: ReadonlyArray<ComponentState>
      readonly after: ReadonlyArray<ComponentState>
    }
  /** A retraction took away the reason for an event's warnings. */
  | {
      readonly _tag: "WarningsRevoked"
      readonly position: Position
      readonly event: Position
      readonly warnings: ReadonlyArray<Warning>
    }
  /** A retraction released a waiting event: its id has a person now. */
  | {
      readonly _tag: "Unheld"
      readonly position: Position
      readonly waiting: Waiting
      readonly personId: PersonId | undefined
    }
  /** A retraction undid the only personless use of an id. */
  | {
      readonly _tag: "PersonlessForgotten"
      readonly position: Position
      readonly distinctId: DistinctId
    }
  /** After a retraction: the deleted persons of an id, and the position of the last deletion. */
  | {
      readonly _tag: "GenerationSet"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly generation: number
      readonly goneAt: Position | undefined
    }
  /** An event waits for another that merges its id (SPEC §4). */
  | { readonly _tag: "Held"; readonly position: Position; readonly waiting: Waiting }
  /** A waiting event was processed: an event or a tick reached its due time. */
  | {
      readonly _tag: "Released"
      readonly position: Position
      readonly event: Position
      readonly by: "event" | "tick"
      /** The person that owned the event then; undefined where the event was dropped. */
      readonly personId: PersonId | undefined
    }
  /** An event used an id without a person for the first time (P40). */
  | {
      readonly _tag: "SeenPersonless"
      readonly position: Position
      readonly distinctId: DistinctId
    }
  /** A guard counts this refusal of an id. */
  | {
      readonly _tag: "RefusalCounted"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly count: number
    }
  /** The event has no effect and belongs to no person. */
  | { readonly _tag: "Dropped"; readonly position: Position; readonly event: Position }
  | { readonly _tag: "PolicySet"; readonly position: Position; readonly policy: Policy }
  /** The state hash after this position. */
  | { readonly _tag: "Hashed"; readonly position: Position; readonly stateHash: string }
