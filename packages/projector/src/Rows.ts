import type { Change, ComponentId, LinkOutcome } from "@onymous/identity/Change"
import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Person } from "@onymous/identity/Person"
import type { PersonId } from "@onymous/identity/PersonId"
import type { Position } from "@onymous/identity/Position"
import * as StateHash from "@onymous/identity/StateHash"
import type { Warning } from "@onymous/identity/Warning"
import type { Slice } from "./Slice.ts"

/** A row is true from one position until before another; `to` is null while it still is. */
interface Interval {
  readonly from: Position
  readonly to: Position | null
}

export interface PersonRow extends Interval {
  readonly person: Person
}

/** A distinct id is in a component. */
export interface MembershipRow extends Interval {
  readonly distinctId: DistinctId
  readonly component: ComponentId
}

/** A component is a person's. Only the open row knows the component's size and ids. */
export interface ComponentRow extends Interval {
  readonly component: ComponentId
  readonly personId: PersonId
  readonly size: number | null
  readonly ids: string | null
}

/** The ids that are in a component when the page begins are in `component` from `from` on. */
export interface MoveRow extends Interval {
  readonly stored: ComponentId
  readonly component: ComponentId
}

/** Cones of two ids or more, as they are after the page. */
export interface ConeRows {
  readonly members: ReadonlyArray<{ readonly distinctId: DistinctId; readonly cone: DistinctId }>
  /** Cones that went over to another with all their ids. */
  readonly moves: ReadonlyArray<{ readonly stored: DistinctId; readonly cone: DistinctId }>
  readonly sizes: ReadonlyArray<{ readonly cone: DistinctId; readonly size: number }>
}

export interface LinkRow {
  readonly position: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly outcome: LinkOutcome
  readonly loser: ComponentId | null
  readonly winner: ComponentId | null
}

/** What a page changes in the tables. Equal logs make equal tables, whatever the pages. */
export interface Rows {
  readonly closedPersons: ReadonlyArray<{ readonly id: PersonId; readonly to: Position }>
  readonly persons: ReadonlyArray<PersonRow>
  readonly memberships: ReadonlyArray<MembershipRow>
  readonly moves: ReadonlyArray<MoveRow>
  /** New rows, and new contents of stored ones with the same component and `from`. */
  readonly components: ReadonlyArray<ComponentRow>
  readonly cones: ConeRows
  readonly links: ReadonlyArray<LinkRow>
  readonly warnings: ReadonlyArray<Warning>
  readonly dropped: ReadonlyArray<Position>
  readonly hashes: ReadonlyArray<{ readonly position: Position; readonly stateHash: string }>
}

type Open<A> = { -readonly [K in keyof A]: A[K] }

/** The rows of a page: its changes, in order, against the slice that was folded. */
export const fromChanges = (slice: Slice, changes: ReadonlyArray<Change>): Rows => {
  const page = new PageRows(slice)
  for (const change of changes) page.add(change)
  return page.finish()
}

/** The rows of one page in the making. */
class PageRows {
  readonly #slice: Slice
  readonly #closedPersons: Array<{ id: PersonId; to: Position }> = []
  readonly #persons: Array<Open<PersonRow>> = []
  readonly #openPersons = new Map<PersonId, Open<PersonRow>>()
  readonly #memberships: Array<Open<MembershipRow>> = []
  /** The open membership rows of this page by component. */
  readonly #newMembers = new Map<ComponentId, Array<Open<MembershipRow>>>()
  readonly #moves: Array<Open<MoveRow>> = []
  /** The latest move of each component that had ids when the page began. */
  readonly #lastMove = new Map<ComponentId, Open<MoveRow>>()
  /** By component: the components whose ids, as stored, are in it by now. */
  readonly #inhabitants = new Map<ComponentId, Array<ComponentId>>()
  readonly #components: Array<Open<ComponentRow>> = []
  readonly #openComponents = new Map<ComponentId, Open<ComponentRow>>()
  readonly #closedComponents = new Set<ComponentId>()
  readonly #links: Array<LinkRow> = []
  readonly #warnings: Array<Warning> = []
  readonly #dropped: Array<Position> = []
  readonly #hashes: Array<{ position: Position; stateHash: string }> = []

  constructor(slice: Slice) {
    this.#slice = slice
    for (const component of slice.stored.inhabited) this.#inhabitants.set(component, [component])
  }

  add(change: Change): void {
    switch (change._tag) {
      case "PersonBorn":
        this.#openPerson(change.person, change.position)
        return this.#openMembership(change.distinctId, change.person.id, change.position)
      case "IdJoined": {
        const { component, position } = change
        this.#openMembership(change.distinctId, component, position)
        if (this.#componentRow(component) === undefined) {
          this.#openComponent(component, component, position)
        }
        return
      }
      case "PersonChanged":
        return this.#nextPerson(change.person, change.position)
      case "ComponentsJoined":
        return this.#join(change)
      case "Linked": {
        const { position, target, source, outcome, loser = null, winner = null } = change
        this.#links.push({ position, target, source, outcome, loser, winner })
        return
      }
      case "Warned":
        this.#warnings.push(change.warning)
        return
      case "Dropped":
        this.#dropped.push(change.position)
        return
      case "Hashed":
        this.#hashes.push({ position: change.position, stateHash: change.stateHash })
        return
      // The slice knows how the cones are after the page, and the checkpoint the policy.
      case "ConesJoined":
      case "PolicySet":
        return
    }
  }

  finish(): Rows {
    const components = new Map(
      [...this.#slice.identity.components.values()].map((component) => [component.id, component]),
    )
    for (const row of this.#openComponents.values()) {
      const component = components.get(row.component)
      if (component === undefined) continue
      row.size = component.size
      row.ids = StateHash.toText(component.ids)
    }
    return {
      closedPersons: this.#closedPersons,
      persons: this.#persons,
      memberships: this.#memberships,
      moves: this.#moves,
      components: this.#components,
      cones: coneRows(this.#slice),
      links: this.#links,
      warnings: this.#warnings,
      dropped: this.#dropped,
      hashes: this.#hashes,
    }
  }

  #openPerson(person: Person, from: Position): void {
    const row: Open<PersonRow> = { person, from, to: null }
    this.#persons.push(row)
    this.#openPersons.set(person.id, row)
  }

  #closePerson(id: PersonId, to: Position): void {
    const row = this.#openPersons.get(id)
    if (row === undefined) this.#closedPersons.push({ id, to })
    else row.to = to
    this.#openPersons.delete(id)
  }

  #nextPerson(person: Person, position: Position): void {
    this.#closePerson(person.id, position)
    this.#openPerson(person, position)
  }

  #openMembership(distinctId: DistinctId, component: ComponentId, from: Position): void {
    const row: Open<MembershipRow> = { distinctId, component, from, to: null }
    this.#memberships.push(row)
    const members = this.#newMembers.get(component)
    if (members === undefined) this.#newMembers.set(component, [row])
    else members.push(row)
  }

  /** The open row of a component: of this page, or stored; none where it never needed one. */
  #componentRow(component: ComponentId): Open<ComponentRow> | undefined {
    const open = this.#openComponents.get(component)
    const stored = this.#slice.stored.components.get(component)
    if (open !== undefined || stored === undefined || this.#closedComponents.has(component)) {
      return open
    }
    return this.#openComponent(component, stored.personId, stored.from)
  }

  /** A component gets a row once it has a second id, or another person than it was born with. */
  #openComponent(component: ComponentId, personId: PersonId, from: Position): Open<ComponentRow> {
    const row: Open<ComponentRow> = { component, personId, size: null, ids: null, from, to: null }
    this.#components.push(row)
    this.#openComponents.set(component, row)
    return row
  }

  #closeComponent(component: ComponentId, to: Position): void {
    const row = this.#componentRow(component)
    if (row !== undefined) row.to = to
    this.#openComponents.delete(component)
    this.#closedComponents.add(component)
  }

  #join(change: Extract<Change, { _tag: "ComponentsJoined" }>): void {
    const { position, winner, loser, person, gone } = change
    this.#closePerson(gone, position)
    this.#nextPerson(person, position)
    this.#moveNewMembers(loser, winner, position)
    this.#moveStoredMembers(loser, winner, position)
    this.#closeComponent(loser, position)
    const personBefore = this.#componentRow(winner)?.personId ?? winner
    if (personBefore !== person.id) this.#closeComponent(winner, position)
    if (this.#componentRow(winner) === undefined) this.#openComponent(winner, person.id, position)
  }

  #moveNewMembers(loser: ComponentId, winner: ComponentId, position: Position): void {
    for (const row of this.#newMembers.get(loser) ?? []) {
      row.to = position
      this.#openMembership(row.distinctId, winner, position)
    }
    this.#newMembers.delete(loser)
  }

  #moveStoredMembers(loser: ComponentId, winner: ComponentId, from: Position): void {
    const inhabitants = this.#inhabitants.get(winner) ?? []
    for (const stored of this.#inhabitants.get(loser) ?? []) {
      const last = this.#lastMove.get(stored)
      if (last !== undefined) last.to = from
      const move: Open<MoveRow> = { stored, component: winner, from, to: null }
      this.#moves.push(move)
      this.#lastMove.set(stored, move)
      inhabitants.push(stored)
    }
    this.#inhabitants.delete(loser)
    this.#inhabitants.set(winner, inhabitants)
  }
}

const coneRows = ({ identity, stored }: Slice): ConeRows => {
  const members: Array<ConeRows["members"][number]> = []
  const moves = new Map<DistinctId, DistinctId>()
  const sizes = new Map<DistinctId, number>()
  for (const [distinctId, cone] of identity.cones) {
    const before = stored.cones.get(distinctId)
    if (before === cone.id) continue
    if (before === undefined) members.push({ distinctId, cone: cone.id })
    else moves.set(before, cone.id)
    sizes.set(cone.id, cone.size)
  }
  return {
    members,
    moves: [...moves].map(([from, cone]) => ({ stored: from, cone })),
    sizes: [...sizes].map(([cone, size]) => ({ cone, size })),
  }
}
