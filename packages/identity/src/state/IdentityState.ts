import type { Component } from "./Component.ts"
import type * as Cones from "./Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Person } from "./Person.ts"
import * as PersonId from "./PersonId.ts"
import * as Policy from "../policy/Policy.ts"
import * as Presets from "../policy/Presets.ts"
import { type Position, zero } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import * as StateHash from "./StateHash.ts"
import * as WaitingQueue from "./WaitingQueue.ts"

/**
 * Who is who in a project: the whole of it, or the slice that a page of events touches.
 * Only `apply` and `settle` move it.
 */
export interface Identity {
  readonly project: ProjectId
  policy: Policy.Policy
  position: Position
  readonly components: Map<DistinctId, Component>
  /** Which ids an id is in one cone with, though in no component (`Cones`). */
  readonly coneLinks: Cones.Links
  /** Events that wait for one that merges (SPEC §4). */
  readonly waiting: WaitingQueue.Queue
  /** Ids that were used without a person (P40). */
  readonly personless: Set<DistinctId>
  /** How many persons of an id are gone for good; 0 where it is missing (SPEC §2). */
  readonly generations: Map<DistinctId, number>
  /** Where the person of an id was last deleted: events before it are nobody's. */
  readonly goneAt: Map<DistinctId, Position>
  /** How often an id was refused, while a guard counts that. */
  readonly refusals: Map<DistinctId, number>
  stateHash: StateHash.StateHash
  /** Components whose share of the state hash is out of date, and some that are gone. */
  unsettled: Array<Component>
}

/** A project in which nothing has happened. */
export const empty = (project: ProjectId, policy: Policy.Policy = Presets.page): Identity => ({
  project,
  policy,
  position: zero,
  components: new Map(),
  coneLinks: new Map(),
  waiting: WaitingQueue.of(),
  personless: new Set(),
  generations: new Map(),
  goneAt: new Map(),
  refusals: new Map(),
  stateHash: StateHash.zero,
  unsettled: [],
})

/** The component of a distinct id that must have one; everything else is a bug of ours. */
export const componentOf = (identity: Identity, id: DistinctId): Component => {
  const component = identity.components.get(id)
  if (component === undefined) throw new Error(`The distinct id ${id} has no person.`)
  return component
}

/** The person a distinct id leads to, if it has one. */
export const personOf = (identity: Identity, id: DistinctId): Person | undefined =>
  identity.components.get(id)?.person

/** All components, each once. */
export const components = (identity: Identity): ReadonlySet<Component> =>
  new Set(identity.components.values())

/** How many persons of an id are gone for good. */
export const generationOf = (identity: Identity, id: DistinctId): number =>
  identity.generations.get(id) ?? 0

/** The id that the next person founded by a distinct id gets. */
export const nextPersonId = (identity: Identity, id: DistinctId): PersonId.PersonId =>
  PersonId.of(identity.project, id, generationOf(identity, id))
