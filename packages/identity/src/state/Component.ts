import type { DistinctId } from "../event/DistinctId.ts"
import type { Joined } from "../policy/JoinedCount.ts"
import type { Person } from "./Person.ts"
import type * as PersonId from "./PersonId.ts"
import type { Position } from "../event/Position.ts"
import type * as StateHash from "./StateHash.ts"

/**
 * Names a component: distinct ids that are one person. It is the id of the person it was born with;
 * whose it is now may differ, since a merge keeps the larger component and the target's person.
 */
export type ComponentId = PersonId.PersonId

/** Distinct ids that are one person, and whose they are. */
export interface Component {
  readonly id: ComponentId
  person: Person
  /** How many distinct ids it has, also where this identity holds only some of them. */
  size: number
  /** The sum of the hashes of all its distinct ids; undefined while it has but its first one. */
  ids: StateHash.StateHash | undefined
  /** Its distinct ids, as far as this identity holds them. */
  members: Array<DistinctId>
  /** The one of its distinct ids that was seen first, and where: a split may leave it the person. */
  first: DistinctId
  firstSeen: Position
  /** What the guard of new ids counts; undefined while it is off. */
  joined: Joined | undefined
  /** Its share of the state hash, where that is out of date; undefined where it has none (`KeptHash`). */
  counted: StateHash.StateHash | undefined
  /** True while its share of the state hash is up to date, or it is gone. */
  isSettled: boolean
}
