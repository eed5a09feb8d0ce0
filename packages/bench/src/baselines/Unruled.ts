import type { Change } from "@onymous/identity/state/Change"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Captured, Recorded } from "@onymous/identity/event/Event"
import { emptyObject } from "@onymous/identity/encoding/Json"
import type { Person } from "@onymous/identity/state/Person"
import * as PersonId from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as StateHash from "@onymous/identity/state/StateHash"

/** Distinct ids that are one person. */
interface Group {
  readonly id: PersonId.PersonId
  person: Person
  members: Array<DistinctId>
  ids: StateHash.StateHash
  /** The group's share of the state hash when it was last added; undefined for a new group. */
  counted: StateHash.StateHash | undefined
  isSettled: boolean
}

const shareOf = ({ person, members, ids }: Group): StateHash.StateHash =>
  StateHash.ofPerson(person, members.length, ids)

/**
 * Folds a log of visits without rules, into the same persons and state hash as the real fold, and
 * into the same changes except those of cones and recorded hashes. It takes every identify for a
 * merge, and keeps nothing that only rules need: no cones, guards, waiting events or first
 * positions.
 */
export class Unruled {
  readonly #project: ProjectId
  readonly groups = new Map<DistinctId, Group>()
  stateHash = StateHash.zero
  #unsettled: Array<Group> = []

  constructor(project: ProjectId) {
    this.#project = project
  }

  fold(page: ReadonlyArray<Recorded>): ReadonlyArray<Change> {
    const changes: Array<Change> = []
    for (const { event, position, recordedAt } of page) {
      if (event._tag !== "Captured") continue
      if (event.source !== undefined) this.#identify(changes, event, event.source, position)
      else if (!this.groups.has(event.distinctId)) this.#bear(changes, event, position, recordedAt)
    }
    this.#settle()
    return changes
  }

  #bear(
    changes: Array<Change>,
    { distinctId, facts }: Captured,
    position: Position,
    createdAt: number,
  ): void {
    const id = PersonId.of(this.#project, distinctId)
    const properties = emptyObject()
    for (const key in facts.mapped) {
      properties[`$initial_${key.slice(1)}`] = facts.mapped[key] ?? null
    }
    const person = { id, properties, isIdentified: false, createdAt, version: 0 }
    const group = {
      id,
      person,
      members: [distinctId],
      ids: StateHash.ofDistinctId(distinctId),
      counted: undefined,
      isSettled: false,
    }
    this.groups.set(distinctId, group)
    this.#unsettled.push(group)
    changes.push({ _tag: "PersonBorn", position, distinctId, person })
  }

  #identify(
    changes: Array<Change>,
    { distinctId, facts }: Captured,
    source: DistinctId,
    position: Position,
  ): void {
    const [target, from] = [this.groups.get(distinctId), this.groups.get(source)]
    if (from === undefined || target === from) return
    const into = target ?? from
    const properties = Object.assign(
      emptyObject(),
      from.person.properties,
      into.person.properties,
      facts.set,
    )
    const { id, createdAt, version } = into.person
    const person = { id, properties, isIdentified: true, createdAt, version: version + 1 }
    this.#touch(into)
    into.person = person
    const link = { _tag: "Linked" as const, position, event: position, target: distinctId, source }
    if (target === undefined) {
      const component = from.id
      from.members.push(distinctId)
      from.ids = StateHash.add(from.ids, StateHash.ofDistinctId(distinctId))
      this.groups.set(distinctId, from)
      const loser = PersonId.of(this.#project, distinctId)
      changes.push({ _tag: "IdJoined", position, distinctId, via: source, component })
      changes.push({ ...link, outcome: "attached", loser, winner: component })
      changes.push({ _tag: "PersonChanged", position, distinctId: source, person })
      return
    }
    const isTargetLarger = target.members.length >= from.members.length
    const [winner, loser] = isTargetLarger ? [target, from] : [from, target]
    this.#touch(from)
    for (const member of loser.members) this.groups.set(member, winner)
    winner.members = winner.members.concat(loser.members)
    winner.ids = StateHash.add(winner.ids, loser.ids)
    winner.person = person
    if (loser.counted !== undefined) {
      this.stateHash = StateHash.subtract(this.stateHash, loser.counted)
    }
    loser.isSettled = true
    const ids = { target: distinctId, source, winner: winner.id, loser: loser.id }
    const gone = from.person.id
    changes.push({ _tag: "ComponentsJoined", position, ...ids, person, gone })
    const how = { lost: 0, areIdentified: false, isOperators: false }
    changes.push({ ...link, ...ids, outcome: "merged", ...how })
  }

  #touch(group: Group): void {
    if (!group.isSettled) return
    group.counted = shareOf(group)
    group.isSettled = false
    this.#unsettled.push(group)
  }

  #settle(): void {
    for (const group of this.#unsettled) {
      if (group.isSettled) continue
      const { counted } = group
      const rest =
        counted === undefined ? this.stateHash : StateHash.subtract(this.stateHash, counted)
      this.stateHash = StateHash.add(rest, shareOf(group))
      group.counted = undefined
      group.isSettled = true
    }
    this.#unsettled = []
  }
}
