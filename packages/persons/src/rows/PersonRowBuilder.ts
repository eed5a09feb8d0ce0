import type { Change, ComponentState } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import { type Component, idsOf } from "@onymous/identity/Identity"
import { lengthOf } from "@onymous/identity/encoding/Json"
import * as Person from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import * as StateHash from "@onymous/identity/state/StateHash"
import type { ComponentRow, EndedRows, MembershipRow, PersonRow, Rows } from "./RowChanges.ts"
import { type Open, end } from "./Interval.ts"
import { MemberMoves } from "./MemberMoves.ts"
import { OpenIntervals } from "./OpenIntervals.ts"
import type { Slice } from "./LoadedSlice.ts"
import * as WorkInTurns from "./WorkInTurns.ts"

type Of<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

type Moving = Of<
  | "PersonBorn"
  | "IdJoined"
  | "PersonChanged"
  | "ComponentsJoined"
  | "IdsSplitOff"
  | "PersonGone"
  | "ComponentsReplaced"
>

/** Builds the rows of persons, memberships and components of a page. */
export class PersonRowBuilder {
  readonly #slice: Slice
  readonly #persons = new OpenIntervals<PersonId, PersonRow>()
  readonly #components = new OpenIntervals<ComponentId, ComponentRow>()
  /** The components whose stored row has ended, so that the page itself has all their later rows. */
  readonly #closedComponents = new Set<ComponentId>()
  readonly #moves: MemberMoves
  /** Characters of properties in person rows that still hold, and in those that have ended. */
  readonly lengths = { open: 0, ended: 0 }
  /** The open membership rows of this page by component. */
  readonly #newMembers = new Map<ComponentId, Array<Open<MembershipRow>>>()
  #endedMemberships: Array<MembershipRow> = []
  readonly #closedMemberships: Array<{ distinctId: DistinctId; to: Position }> = []
  /** Component → one of its ids, for the components that the page has touched. */
  readonly #someId = new Map<ComponentId, DistinctId>()

  constructor(slice: Slice) {
    this.#slice = slice
    this.#moves = new MemberMoves((component) => slice.stored.inhabited.has(component))
  }

  add(change: Moving): void {
    switch (change._tag) {
      case "PersonBorn":
        this.#openPerson(change.person, change.position)
        this.#openMembership(change.distinctId, change.person.id, change.position)
        return
      case "IdJoined": {
        const { component, position } = change
        this.#openMembership(change.distinctId, component, position)
        this.#someId.set(component, change.via)
        if (this.#takeComponentRow(component) === undefined) {
          this.#openComponent(component, component, position)
        }
        return
      }
      case "PersonChanged":
        return this.#nextPerson(change.person, change.position)
      case "ComponentsJoined":
        return this.#join(change)
      case "IdsSplitOff":
        return this.#split(change)
      case "PersonGone":
        return this.#remove(change)
      case "ComponentsReplaced":
        return this.#replace(change)
    }
  }

  /** The rows that have ended since the last call; they are final. */
  takeEnded(): EndedRows {
    const memberships = this.#endedMemberships
    this.#endedMemberships = []
    this.lengths.ended = 0
    return {
      persons: this.#persons.takeEnded(),
      memberships,
      components: this.#components.takeEnded(),
    }
  }

  /** All remaining rows, those that still hold among them. */
  *finish(): WorkInTurns.Turns<
    EndedRows & Pick<Rows, "closedPersons" | "moves" | "closedMemberships">
  > {
    const { persons, memberships, components } = this.takeEnded()
    yield* WorkInTurns.each(this.#persons.holding, (row) => persons.push(row))
    yield* WorkInTurns.each(this.#newMembers.values(), (members) => {
      for (const row of members) memberships.push(row)
    })
    yield* WorkInTurns.each(this.#components.holding, (row) => {
      const some = this.#someId.get(row.component)
      const component = some && this.#slice.identity.components.get(some)
      const isKnown = component?.id === row.component
      components.push(isKnown ? Object.assign(row, totals(component)) : row)
    })
    return {
      persons,
      memberships,
      components,
      closedPersons: Array.from(this.#persons.storedEnds, ([id, to]) => ({ id, to })),
      moves: this.#moves.rows,
      closedMemberships: this.#closedMemberships,
    }
  }

  #openPerson(person: Person.Person, from: Position): void {
    this.#persons.open(person.id, { person, from, to: null })
    this.lengths.open += lengthOf(person.properties)
  }

  #closePerson(id: PersonId, to: Position): void {
    const row = this.#persons.close(id, to)
    if (row === undefined) return
    const length = lengthOf(row.person.properties)
    this.lengths.open -= length
    this.lengths.ended += length
  }

  #nextPerson(person: Person.Person, position: Position): void {
    this.#closePerson(person.id, position)
    this.#openPerson(person, position)
  }

  #openMembership(distinctId: DistinctId, component: ComponentId, from: Position): void {
    const row: Open<MembershipRow> = { distinctId, component, from, to: null }
    const members = this.#newMembers.get(component)
    if (members === undefined) this.#newMembers.set(component, [row])
    else members.push(row)
  }

  /** The open row of a component, undefined where it has none; a stored one is copied into the page first. */
  #takeComponentRow(component: ComponentId): Open<ComponentRow> | undefined {
    const open = this.#components.get(component)
    const stored = this.#slice.stored.components.get(component)
    if (open !== undefined || stored === undefined || this.#closedComponents.has(component)) {
      return open
    }
    return this.#openComponent(component, stored.personId, stored.from)
  }

  /** A component gets a row once it has a second id, or another person than it was born with. */
  #openComponent(component: ComponentId, personId: PersonId, from: Position): Open<ComponentRow> {
    const row: Open<ComponentRow> = { component, personId, ...unknownTotals, from, to: null }
    return this.#components.open(component, row)
  }

  #closeComponent(component: ComponentId, to: Position): void {
    // A stored row is copied into the page, so that it is written again with its end.
    if (this.#takeComponentRow(component) !== undefined) this.#components.close(component, to)
    if (this.#slice.stored.components.has(component)) this.#closedComponents.add(component)
  }

  #join({ position, winner, loser, person, gone, target }: Of<"ComponentsJoined">): void {
    this.#someId.set(winner, target)
    this.#closePerson(gone, position)
    this.#nextPerson(person, position)
    this.#moveMembers(loser, winner, position)
    this.#closeComponent(loser, position)
    const personBefore = this.#takeComponentRow(winner)?.personId ?? winner
    if (personBefore !== person.id) this.#closeComponent(winner, position)
    if (this.#takeComponentRow(winner) === undefined)
      this.#openComponent(winner, person.id, position)
  }

  /** Moves all ids of a component into another component, or into none. */
  #moveMembers(loser: ComponentId, winner: ComponentId | null, position: Position): void {
    for (const row of this.#newMembers.get(loser) ?? []) {
      end(this.#endedMemberships, row, position)
      if (winner !== null) this.#openMembership(row.distinctId, winner, position)
    }
    this.#newMembers.delete(loser)
    this.#moves.move(loser, winner, position)
  }

  #split({ position, component, kept, parts }: Of<"IdsSplitOff">): void {
    this.#someId.set(component, kept)
    const leaving = new Set(parts.map(({ distinctId }) => distinctId))
    this.#closeMemberships(component, leaving, position)
    // The rest has another size, so a stored row is copied into the page and written again.
    this.#takeComponentRow(component)
    for (const part of parts) {
      this.#openMembership(part.distinctId, part.component, position)
      this.#someId.set(part.component, part.distinctId)
      this.#openPerson(part.person, position)
      this.#openComponent(part.component, part.person.id, position)
    }
  }

  /** Gives new rows to what differs alone, because most of what a retraction folds again stays as it was. */
  #replace({ position, before: old, after: young }: Of<"ComponentsReplaced">): void {
    const homes = (states: ReadonlyArray<ComponentState>) =>
      new Map(states.flatMap(({ id, members }) => members.map((member) => [member, id] as const)))
    const [before, after] = [homes(old), homes(young)]
    for (const { id, members } of old) {
      const leaving = members.filter((member) => after.get(member) !== id)
      this.#closeMemberships(id, new Set(leaving), position)
    }
    for (const [id, component] of after) {
      if (before.get(id) !== component) this.#openMembership(id, component, position)
    }
    const persons = new Map(old.map(({ person }) => [person.id, person]))
    for (const { id, person, members } of young) {
      const oldPerson = persons.get(person.id)
      persons.delete(person.id)
      if (oldPerson === undefined) this.#openPerson(person, position)
      else if (!Person.equals(oldPerson, person)) this.#nextPerson(person, position)
      this.#closeComponent(id, position)
      this.#openComponent(id, person.id, position)
      const [some] = members
      if (some !== undefined) this.#someId.set(id, some)
    }
    for (const id of persons.keys()) this.#closePerson(id, position)
    const stay = new Set(young.map(({ id }) => id))
    for (const { id } of old) if (!stay.has(id)) this.#closeComponent(id, position)
  }

  /** Closes the memberships of the ids that leave a component, in one pass, because a component may have very many. */
  #closeMemberships(component: ComponentId, leaving: ReadonlySet<DistinctId>, to: Position): void {
    if (leaving.size === 0) return
    const stored = new Set(leaving)
    const staying: Array<Open<MembershipRow>> = []
    for (const row of this.#newMembers.get(component) ?? []) {
      if (!stored.delete(row.distinctId)) staying.push(row)
      else end(this.#endedMemberships, row, to)
    }
    this.#newMembers.set(component, staying)
    for (const distinctId of stored) this.#closedMemberships.push({ distinctId, to })
  }

  #remove({ position, component, personId }: Of<"PersonGone">): void {
    this.#closePerson(personId, position)
    this.#moveMembers(component, null, position)
    this.#closeComponent(component, position)
  }
}

const unknownTotals = {
  size: null,
  ids: null,
  first: null,
  firstSeen: null,
  joinedSince: null,
  joinedCount: null,
}

const totals = (component: Component) => ({
  size: component.size,
  ids: StateHash.toText(idsOf(component)),
  first: component.first,
  firstSeen: component.firstSeen,
  joinedSince: component.joined?.since ?? null,
  joinedCount: component.joined?.count ?? null,
})
