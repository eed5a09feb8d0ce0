import type { DistinctId } from "./DistinctId.ts"
import type { Person } from "./Person.ts"
import type { PersonId } from "./PersonId.ts"
import type { Policy } from "./Policy.ts"
import type { Position } from "./Position.ts"
import type { Warning } from "./Warning.ts"

/**
 * Names a component: distinct ids that are one person. It is the id of the person it was born with;
 * whose it is now may differ, since a merge keeps the larger component and the target's person.
 */
export type ComponentId = PersonId

/** How an event that names two ids ended (SPEC §2). */
export type LinkOutcome =
  | "created"
  | "attached"
  | "merged"
  | "already_one"
  | "refused_identified"
  | "refused_illegal"

/** One difference between two identities; `apply` and the tables are moved by nothing else. */
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
      readonly target: DistinctId
      readonly source: DistinctId
      readonly outcome: LinkOutcome
      readonly loser?: ComponentId
      readonly winner?: ComponentId
    }
  /** Two cones became one: an event named an id of each, whether or not it merged them. */
  | {
      readonly _tag: "ConesJoined"
      readonly position: Position
      readonly target: DistinctId
      readonly source: DistinctId
      readonly winner: DistinctId
      readonly loser: DistinctId
    }
  | { readonly _tag: "Warned"; readonly position: Position; readonly warning: Warning }
  /** The event has no effect and belongs to nobody. */
  | { readonly _tag: "Dropped"; readonly position: Position }
  | { readonly _tag: "PolicySet"; readonly position: Position; readonly policy: Policy }
  /** The state hash after this position. */
  | { readonly _tag: "Hashed"; readonly position: Position; readonly stateHash: string }
