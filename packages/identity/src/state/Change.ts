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

/** How an event that names two ids ended (SPEC §2). */
export type LinkOutcome = "created" | "attached" | "merged" | StoppedOutcome

/** A distinct id that left its component, and whose it is now. */
export interface SplitPart {
  readonly distinctId: DistinctId
  readonly component: ComponentId
  readonly person: Person
  /** Raised where the person that it leaves is the id's own. */
  readonly generation: number
}

/** A component as a whole: whose it is, and its distinct ids, sorted. */
export interface ComponentState {
  readonly id: ComponentId
  readonly person: Person
  readonly members: ReadonlyArray<DistinctId>
  /** The one of them that was seen first, and where. */
  readonly first: DistinctId
  readonly firstSeen: Position
  readonly joined?: Joined
}

/**
 * One difference between two identities; `apply` and the tables are moved by nothing else.
 * `position` is where it became true. Where it is about an event that had waited, `event` is the
 * event's own position.
 */
export type Change =
  /** A person came to be, with one distinct id, in a component of the same name. */
  | {
      readonly _tag: "PersonBorn"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly person: Person
    }
  /** A distinct id that no person had joined the component of another. */
  | {
      readonly _tag: "IdJoined"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly via: DistinctId
      readonly component: ComponentId
      readonly joined?: Joined
    }
  /** The ids of `loser` went over to `winner`, the larger one, which is `person`'s from now on. */
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
  /** A new version of a person. */
  | {
      readonly _tag: "PersonChanged"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly person: Person
    }
  /**
   * An event named two ids. Where it united them, `loser` and `winner` are the edge of the lineage
   * forest that it added: each component loses once, so the forest has one path between two ids.
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
      /** How many properties of the source gave way in a merge. */
      readonly lost?: number
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
  /** Distinct ids left their component, each for one of its own with a new person (P56). */
  | {
      readonly _tag: "IdsSplitOff"
      readonly position: Position
      /** The component that they left. */
      readonly component: ComponentId
      /** An id that stays. */
      readonly kept: DistinctId
      /** The first seen of those that stay. */
      readonly first: DistinctId
      readonly parts: ReadonlyArray<SplitPart>
    }
  /** A person is gone, with its component; each of its ids starts afresh when seen again (SPEC §8). */
  | {
      readonly _tag: "PersonGone"
      readonly position: Position
      readonly component: ComponentId
      readonly personId: PersonId
      readonly ids: ReadonlyArray<{ readonly distinctId: DistinctId; readonly generation: number }>
    }
  /** A retraction put the ids of some components together anew (SPEC §8). */
  | {
      readonly _tag: "ComponentsReplaced"
      readonly position: Position
      readonly before: ReadonlyArray<ComponentState>
      readonly after: ReadonlyArray<ComponentState>
    }
  /** A retraction left an event's warnings without reason. */
  | {
      readonly _tag: "WarningsRevoked"
      readonly position: Position
      readonly event: Position
      readonly warnings: ReadonlyArray<Warning>
    }
  /** After a retraction an event waits no more: its id has a person. */
  | {
      readonly _tag: "Unheld"
      readonly position: Position
      readonly waiting: Waiting
      readonly personId: PersonId | undefined
    }
  /** After a retraction an id was never used without a person. */
  | {
      readonly _tag: "PersonlessForgotten"
      readonly position: Position
      readonly distinctId: DistinctId
    }
  /** How many persons of an id are gone after a retraction, and where the last one was deleted. */
  | {
      readonly _tag: "GenerationSet"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly generation: number
      readonly goneAt: Position | undefined
    }
  /** An event waits for one that merges its id (SPEC §4). */
  | { readonly _tag: "Held"; readonly position: Position; readonly waiting: Waiting }
  /** An event that had waited was processed, because an event or a tick was at or past its due time. */
  | {
      readonly _tag: "Released"
      readonly position: Position
      readonly event: Position
      readonly by: "event" | "tick"
      /** Whose it was then; none where it was dropped. */
      readonly personId: PersonId | undefined
    }
  /** An id was used without a person for the first time (P40). */
  | {
      readonly _tag: "SeenPersonless"
      readonly position: Position
      readonly distinctId: DistinctId
    }
  /** A refusal that a guard counts. */
  | {
      readonly _tag: "RefusalCounted"
      readonly position: Position
      readonly distinctId: DistinctId
      readonly count: number
    }
  /** The event has no effect and belongs to nobody. */
  | { readonly _tag: "Dropped"; readonly position: Position; readonly event: Position }
  | { readonly _tag: "PolicySet"; readonly position: Position; readonly policy: Policy }
  /** The state hash after this position. */
  | { readonly _tag: "Hashed"; readonly position: Position; readonly stateHash: string }
