import type { Component } from "./Component.ts"
import type * as Cones from "./Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Person } from "./Person.ts"
import * as PersonId from "./PersonId.ts"
import type { Policy } from "../policy/Policy.ts"
import * as Presets from "../policy/Presets.ts"
import { type Position, zero } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import * as StateHash from "./StateHash.ts"
import * as WaitingQueue from "./WaitingQueue.ts"

/**
 * Which distinct id belongs to which person in a project, with the waiting events and the counts of
 * guards: the whole state, or the slice for a page of events. Only `apply` and `settle` mutate it.
 */
export interface Identity {
  readonly project: ProjectId
  policy: Policy
  position: Position
  readonly components: Map<DistinctId, Component>
  /** Which ids an id is in one cone with, though in no component (`Cones`). */
  readonly coneLinks: Cones.Links
  /** Events that wait for another that merges their id (SPEC §4). */
  readonly waiting: WaitingQueue.Queue
  /** Ids with a personless use (P40). */
  readonly personless: Set<DistinctId>
  /** Deleted persons per distinct id; 0 for an id that is missing (SPEC §2). */
  readonly generations: Map<DistinctId, number>
  /** The position of the last deletion of an id's person; earlier events belong to no person. */
  readonly goneAt: Map<DistinctId, Position>
  /** Refusals per distinct id, counted while a guard needs them. */
  readonly refusals: Map<DistinctId, number>
  stateHash: StateHash.StateHash
  /** Components whose share of the state hash is out of date, deleted ones among them. */
  unsettled: Array<Component>
}

/** The identity of a project before its first event. */
export const empty = (project: ProjectId, policy: Policy = Presets.page): Identity => ({
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

/** A copy that moves apart from the original; it has no state hash, and no links of cones. */
export const copyOf = (identity: Identity): Identity => {
  const copies = new Map<Component, Component>()
  const components = new Map<DistinctId, Component>()
  for (const [id, component] of identity.components) {
    let copy = copies.get(component)
    if (copy === undefined) {
      copy = { ...component, members: [...component.members] }
      copies.set(component, copy)
    }
    components.set(id, copy)
  }
  return {
    ...empty(identity.project, identity.policy),
    position: identity.position,
    components,
    waiting: WaitingQueue.of([...identity.waiting.held.values()]),
    personless: new Set(identity.personless),
    generations: new Map(identity.generations),
    goneAt: new Map(identity.goneAt),
    refusals: new Map(identity.refusals),
  }
}

/** The component of a distinct id; throws, as a bug of ours, where the id has none. */
export const componentOf = (identity: Identity, id: DistinctId): Component => {
  const component = identity.components.get(id)
  if (component === undefined) throw new Error(`The distinct id ${id} has no person.`)
  return component
}

/** The person of a distinct id, if it has one. */
export const personOf = (identity: Identity, id: DistinctId): Person | undefined =>
  identity.components.get(id)?.person

/** All components, each once. */
export const components = (identity: Identity): ReadonlySet<Component> =>
  new Set(identity.components.values())

/** Deleted persons of a distinct id. */
export const generationOf = (identity: Identity, id: DistinctId): number =>
  identity.generations.get(id) ?? 0

/** The id of the next person that a distinct id founds. */
export const nextPersonId = (identity: Identity, id: DistinctId): PersonId.PersonId =>
  PersonId.of(identity.project, id, generationOf(identity, id))
