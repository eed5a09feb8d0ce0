import type { Change, ComponentId } from "./Change.ts"
import type { DistinctId } from "./DistinctId.ts"
import type { Recorded } from "./Event.ts"
import type { Person } from "./Person.ts"
import * as PersonId from "./PersonId.ts"
import * as Policy from "./Policy.ts"
import { type Position, zero } from "./Position.ts"
import type { ProjectId } from "./ProjectId.ts"
import * as StateHash from "./StateHash.ts"
import { transition } from "./Transition.ts"

/** Distinct ids that are one person, and whose they are. */
export interface Component {
  readonly id: ComponentId
  person: Person
  /** How many distinct ids it has, also where this identity holds only some of them. */
  size: number
  /** The sum of the hashes of all its distinct ids. */
  ids: StateHash.StateHash
  /** Its distinct ids, as far as this identity holds them. */
  members: Array<DistinctId>
  /** Its share of the identity's state hash; undefined until it is first needed. */
  counted: StateHash.StateHash | undefined
}

/** Distinct ids that events have named together, merged or not (DESIGN §6). */
export interface Cone {
  readonly id: DistinctId
  size: number
  members: Array<DistinctId>
}

/**
 * Who is who in a project: the whole of it, or the slice that a page of events touches.
 * Only `apply` and `settle` move it.
 */
export interface Identity {
  readonly project: ProjectId
  policy: Policy.Policy
  position: Position
  readonly components: Map<DistinctId, Component>
  /** Where an id is missing, it is alone in its cone. */
  readonly cones: Map<DistinctId, Cone>
  stateHash: StateHash.StateHash
  /** Components whose share of the state hash is out of date. */
  readonly unsettled: Set<Component>
}

/** Every `hashInterval` positions the state hash is recorded, so that a replay can be compared with it. */
export const hashInterval = 1000

/** A project in which nothing has happened. */
export const empty = (project: ProjectId, policy: Policy.Policy = Policy.page): Identity => ({
  project,
  policy,
  position: zero,
  components: new Map(),
  cones: new Map(),
  stateHash: 0n,
  unsettled: new Set(),
})

/** The distinct ids that a page of events may read or change: a slice that holds them is enough. */
export const touched = (page: ReadonlyArray<Recorded>): ReadonlySet<DistinctId> => {
  const ids = new Set<DistinctId>()
  for (const { event } of page) {
    if (event._tag !== "Captured") continue
    ids.add(event.distinctId)
    if (event.source !== undefined) ids.add(event.source)
  }
  return ids
}

/** Moves the identity over a page, in order, and answers with all that changed. */
export const fold = (identity: Identity, page: ReadonlyArray<Recorded>): ReadonlyArray<Change> => {
  const changes: Array<Change> = []
  for (const recorded of page) {
    for (const change of transition(identity, recorded)) {
      apply(identity, change)
      changes.push(change)
    }
    identity.position = recorded.position
    if (recorded.position % hashInterval === 0) {
      const stateHash = StateHash.toText(settle(identity))
      changes.push({ _tag: "Hashed", position: recorded.position, stateHash })
    }
  }
  settle(identity)
  return changes
}

/** Brings the state hash up to date, and answers with it. */
export const settle = (identity: Identity): StateHash.StateHash => {
  for (const component of identity.unsettled) {
    const share = shareOf(component)
    identity.stateHash = StateHash.add(
      StateHash.subtract(identity.stateHash, component.counted ?? 0n),
      share,
    )
    component.counted = share
  }
  identity.unsettled.clear()
  return identity.stateHash
}

const shareOf = (component: Component): StateHash.StateHash =>
  StateHash.ofPerson(component.person, component.size, component.ids)

/** The component of a distinct id that must have one; everything else is a bug of ours. */
export const componentOf = (identity: Identity, id: DistinctId): Component => {
  const component = identity.components.get(id)
  if (component === undefined) throw new Error(`The distinct id ${id} has no person.`)
  return component
}

/** Moves the identity by one change. */
export const apply = (identity: Identity, change: Change): void => {
  switch (change._tag) {
    case "PersonBorn":
      return born(identity, change.distinctId, change.person)
    case "IdJoined":
      return joined(identity, change.distinctId, touch(identity, change.via))
    case "PersonChanged":
      touch(identity, change.distinctId).person = change.person
      return
    case "ComponentsJoined": {
      const parts = [touch(identity, change.target), touch(identity, change.source)]
      const [winner, loser] = parts[0]?.id === change.winner ? parts : parts.toReversed()
      if (winner === undefined || loser === undefined)
        throw new Error("A merge needs two components.")
      unite(identity, winner, loser)
      winner.person = change.person
      return
    }
    case "ConesJoined": {
      const parts = [coneOf(identity, change.target), coneOf(identity, change.source)]
      const [winner, loser] = parts[0]?.id === change.winner ? parts : parts.toReversed()
      if (winner === undefined || loser === undefined) throw new Error("A join needs two cones.")
      return uniteCones(identity, winner, loser)
    }
    case "Warned":
      identity.stateHash = StateHash.add(identity.stateHash, StateHash.ofWarning(change.warning))
      return
    case "PolicySet":
      identity.policy = change.policy
      return
    case "Linked":
    case "Dropped":
    case "Hashed":
      return
  }
}

/** The component of an id, about to change: its share of the hash is noted before it does. */
const touch = (identity: Identity, id: DistinctId): Component => {
  const component = componentOf(identity, id)
  component.counted ??= shareOf(component)
  identity.unsettled.add(component)
  return component
}

const born = (identity: Identity, id: DistinctId, person: Person): void => {
  const component: Component = {
    id: person.id,
    person,
    size: 1,
    ids: StateHash.ofDistinctId(id),
    members: [id],
    counted: 0n,
  }
  identity.components.set(id, component)
  identity.unsettled.add(component)
}

const joined = (identity: Identity, id: DistinctId, component: Component): void => {
  component.members.push(id)
  component.size += 1
  component.ids = StateHash.add(component.ids, StateHash.ofDistinctId(id))
  identity.components.set(id, component)
}

const unite = (identity: Identity, winner: Component, loser: Component): void => {
  for (const id of loser.members) {
    identity.components.set(id, winner)
    winner.members.push(id)
  }
  winner.size += loser.size
  winner.ids = StateHash.add(winner.ids, loser.ids)
  identity.stateHash = StateHash.subtract(identity.stateHash, loser.counted ?? 0n)
  identity.unsettled.delete(loser)
}

/** The cone of an id; one that was never named with another is alone in its own. */
export const coneOf = (identity: Identity, id: DistinctId): Cone =>
  identity.cones.get(id) ?? { id, size: 1, members: [id] }

const uniteCones = (identity: Identity, winner: Cone, loser: Cone): void => {
  if (winner.size === 1) identity.cones.set(winner.id, winner)
  for (const id of loser.members) {
    identity.cones.set(id, winner)
    winner.members.push(id)
  }
  winner.size += loser.size
}

/** The person a distinct id leads to, if it has one. */
export const personOf = (identity: Identity, id: DistinctId): Person | undefined =>
  identity.components.get(id)?.person

/** All components, each once. */
export const components = (identity: Identity): ReadonlySet<Component> =>
  new Set(identity.components.values())

/** The id that the next person founded by a distinct id gets. */
export const nextPersonId = (identity: Identity, id: DistinctId): PersonId.PersonId =>
  PersonId.of(identity.project, id)
