import type { Change } from "./Change.ts"
import * as Cones from "./Cones.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { equals, type Person } from "./Person.ts"
import type { PersonId } from "./PersonId.ts"
import type { Position } from "../event/Position.ts"
import type { Component } from "./Component.ts"
import { componentOf, type Identity } from "./IdentityState.ts"
import * as KeptHash from "./KeptHash.ts"
import * as StateHash from "./StateHash.ts"
import * as WaitingQueue from "./WaitingQueue.ts"

type Of<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

/** Moves the identity by one change. */
export const apply = (identity: Identity, change: Change): void => {
  switch (change._tag) {
    case "PersonBorn":
      return born(identity, change.distinctId, change.person.id, change.person, change.position)
    case "IdJoined":
      return joined(identity, change)
    case "PersonChanged":
      touch(identity, change.distinctId).person = change.person
      return
    case "ComponentsJoined":
      return componentsJoined(identity, change)
    case "ConesLinked":
      return Cones.link(identity.coneLinks, change.low, change.high)
    case "IdsSplitOff":
      return splitOff(identity, change)
    case "PersonGone":
      return gone(identity, change)
    case "Held":
      KeptHash.count(identity, StateHash.ofWaiting(change.waiting))
      return WaitingQueue.add(identity.waiting, change.waiting)
    case "Released":
      return released(identity, change.event)
    case "SeenPersonless":
      identity.personless.add(change.distinctId)
      return
    case "RefusalCounted":
      identity.refusals.set(change.distinctId, change.count)
      return
    case "Warned":
      KeptHash.count(identity, StateHash.ofWarning(change.warning))
      return
    case "PolicySet":
      identity.policy = change.policy
      return
    case "ComponentsReplaced":
      return replaced(identity, change)
    case "WarningsRevoked":
      return change.warnings.forEach((warning) =>
        KeptHash.uncount(identity, StateHash.ofWarning(warning)),
      )
    case "Unheld":
      WaitingQueue.remove(identity.waiting, change.waiting.position)
      return KeptHash.uncount(identity, StateHash.ofWaiting(change.waiting))
    case "PersonlessForgotten":
      identity.personless.delete(change.distinctId)
      return
    case "GenerationSet":
      return generationSet(identity, change)
    case "Linked":
    case "Dropped":
    case "Hashed":
      return
    default:
      return change satisfies never
  }
}

/** The component of an id, about to change. */
const touch = (identity: Identity, id: DistinctId): Component =>
  KeptHash.touch(identity, componentOf(identity, id))

const born = (
  identity: Identity,
  distinctId: DistinctId,
  id: Component["id"],
  person: Person,
  position: Position,
): void => {
  const component: Component = {
    id,
    person,
    size: 1,
    ids: undefined,
    members: [distinctId],
    first: distinctId,
    firstSeen: position,
    joined: undefined,
    counted: undefined,
    isSettled: false,
  }
  identity.components.set(distinctId, component)
  KeptHash.enrol(identity, component)
}

/** An array that grows gets room for many more; most persons have few ids, and few of them ever get more. */
const exactMax = 16

const joinedMembers = (
  members: Array<DistinctId>,
  added: ReadonlyArray<DistinctId>,
): Array<DistinctId> => {
  if (members.length + added.length <= exactMax) return members.concat(added)
  for (const id of added) members.push(id)
  return members
}

const joined = (identity: Identity, change: Of<"IdJoined">): void => {
  const { distinctId } = change
  const component = touch(identity, change.via)
  component.members = joinedMembers(component.members, [distinctId])
  component.size += 1
  component.ids = StateHash.add(KeptHash.idsOf(component), StateHash.ofDistinctId(distinctId))
  component.joined = change.joined
  identity.components.set(distinctId, component)
}

const componentsJoined = (identity: Identity, change: Of<"ComponentsJoined">): void => {
  const parts = [touch(identity, change.target), touch(identity, change.source)]
  const [winner, loser] = parts[0]?.id === change.winner ? parts : parts.toReversed()
  if (winner === undefined || loser === undefined) throw new Error("A merge needs two components.")
  for (const id of loser.members) identity.components.set(id, winner)
  winner.members = joinedMembers(winner.members, loser.members)
  winner.size += loser.size
  winner.ids = StateHash.add(KeptHash.idsOf(winner), KeptHash.idsOf(loser))
  winner.person = change.person
  winner.joined = change.joined
  if (isEarlier(loser, winner)) {
    winner.first = loser.first
    winner.firstSeen = loser.firstSeen
  }
  KeptHash.forget(identity, loser)
}

const isEarlier = (a: Component, b: Component): boolean =>
  a.firstSeen < b.firstSeen || (a.firstSeen === b.firstSeen && a.first < b.first)

const splitOff = (
  identity: Identity,
  { kept, first, parts, position }: Of<"IdsSplitOff">,
): void => {
  const left = touch(identity, kept)
  const leaving = new Set(parts.map(({ distinctId }) => distinctId))
  left.members = left.members.filter((member) => !leaving.has(member))
  left.size -= parts.length
  left.first = first
  for (const { distinctId, component, person, generation } of parts) {
    left.ids = StateHash.subtract(KeptHash.idsOf(left), StateHash.ofDistinctId(distinctId))
    if (generation > 0) identity.generations.set(distinctId, generation)
    born(identity, distinctId, component, person, position)
  }
}

const gone = (identity: Identity, { ids, position }: Of<"PersonGone">): void => {
  const [first] = ids
  if (first === undefined) return
  const component = touch(identity, first.distinctId)
  KeptHash.forget(identity, component)
  for (const { distinctId, generation } of ids) {
    identity.components.delete(distinctId)
    identity.personless.delete(distinctId)
    identity.generations.set(distinctId, generation)
    identity.goneAt.set(distinctId, position)
  }
}

const generationSet = (
  identity: Identity,
  { distinctId, generation, goneAt }: Of<"GenerationSet">,
): void => {
  identity.generations.set(distinctId, generation)
  if (goneAt === undefined) identity.goneAt.delete(distinctId)
  else identity.goneAt.set(distinctId, goneAt)
}

/** An equal person stays as it was, because its stored properties have their own order of keys. */
const sameOr = (before: Person | undefined, after: Person): Person =>
  before !== undefined && equals(before, after) ? before : after

const replaced = (
  identity: Identity,
  { before: old, after: young }: Of<"ComponentsReplaced">,
): void => {
  const before = new Map<PersonId, Person>()
  for (const { first, members } of old) {
    const component = touch(identity, first)
    before.set(component.person.id, component.person)
    KeptHash.forget(identity, component)
    for (const id of members) identity.components.delete(id)
  }
  for (const { id, person, members, first, firstSeen, joined: counted } of young) {
    const component: Component = {
      id,
      person: sameOr(before.get(person.id), person),
      size: members.length,
      ids:
        members.length === 1
          ? undefined
          : members.map(StateHash.ofDistinctId).reduce(StateHash.add),
      members: [...members],
      first,
      firstSeen,
      joined: counted,
      counted: undefined,
      isSettled: false,
    }
    for (const member of members) identity.components.set(member, component)
    KeptHash.enrol(identity, component)
  }
}

const released = (identity: Identity, position: Position): void => {
  const waiting = WaitingQueue.remove(identity.waiting, position)
  if (waiting === undefined) throw new Error(`No event at ${position} waits.`)
  KeptHash.uncount(identity, StateHash.ofWaiting(waiting))
}
