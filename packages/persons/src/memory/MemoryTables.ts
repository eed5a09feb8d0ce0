import type { ComponentId } from "@onymous/identity/state/Component"
import * as Cones from "@onymous/identity/state/Cones"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import * as Activity from "../rows/Activity.ts"
import type {
  ComponentRow,
  GenerationRow,
  HashRow,
  LinkRow,
  MembershipRow,
  NewRows,
  PersonlessRow,
  PersonRow,
  PolicyRow,
  Rows,
  WaitingRow,
  WarningRow,
} from "../rows/RowChanges.ts"

/** The tables of one project in memory, which only `write` changes. `DerivedTables` describes their rows. */
export class Tables {
  readonly persons = new Map<PersonId, Array<PersonRow>>()
  readonly memberships = new Map<DistinctId, Array<MembershipRow>>()
  readonly components = new Map<ComponentId, Array<ComponentRow>>()
  /** The distinct ids that are in a component now. */
  readonly members = new Map<ComponentId, Set<DistinctId>>()
  readonly #coneLinks = new Map<DistinctId, Set<DistinctId>>()
  readonly links: Array<LinkRow> = []
  readonly warnings: Array<WarningRow> = []
  readonly dropped = new Map<Position, Position>()
  readonly waiting = new Map<Position, WaitingRow>()
  readonly personless = new Map<DistinctId, Array<PersonlessRow>>()
  readonly generations: Array<GenerationRow> = []
  readonly refusals = new Map<DistinctId, number>()
  readonly policies: Array<PolicyRow> = []
  readonly hashes: Array<HashRow> = []
  readonly activity = new Map<Position, Activity.Block>()

  /** Writes the rows of a page. */
  write(rows: Rows): void {
    for (const { id, to } of rows.closedPersons) closeLast(this.persons.get(id), to)
    for (const row of rows.persons) append(this.persons, row.person.id, row)
    this.#moveMembers(rows)
    for (const { distinctId, to } of rows.closedMemberships) {
      const history = this.memberships.get(distinctId)
      const component = openRow(history)?.component
      if (component !== undefined) this.members.get(component)?.delete(distinctId)
      closeLast(history, to)
    }
    for (const row of rows.memberships) {
      append(this.memberships, row.distinctId, row)
      if (row.to === null) this.#addMember(row.component, row.distinctId)
    }
    for (const row of rows.components) {
      const history = this.components.get(row.component) ?? []
      // Only the last row can be written again, because rows come in the order of their positions.
      if (history.at(-1)?.from === row.from) history.pop()
      history.push(row)
      this.components.set(row.component, history)
    }
    for (const { low, high } of rows.cone_links) Cones.link(this.#coneLinks, low, high)
    pushAll(this.links, rows.links)
    this.#writeDecisions(rows)
  }

  #writeDecisions(rows: Rows): void {
    const revoked = new Map(rows.revokedWarnings.map(({ event, to }) => [event, to]))
    if (revoked.size > 0) {
      for (const [index, row] of this.warnings.entries()) {
        const to = row.to === null ? revoked.get(row.warning.position) : undefined
        if (to !== undefined) this.warnings[index] = { ...row, to }
      }
    }
    pushAll(this.warnings, rows.warnings)
    for (const { event, from } of rows.dropped_events) this.dropped.set(event, from)
    for (const row of rows.waiting_events) this.waiting.set(row.position, row)
    for (const released of rows.released) {
      const row = this.waiting.get(released.event)
      if (row !== undefined) this.waiting.set(row.position, { ...row, released })
    }
    for (const { distinctId, to } of rows.closedPersonless) {
      const history = this.personless.get(distinctId)
      if (openRow(history) !== undefined) closeLast(history, to)
    }
    for (const row of rows.personless_ids) append(this.personless, row.distinctId, row)
    pushAll(this.generations, rows.generations)
    for (const { distinctId, count } of rows.refusals) this.refusals.set(distinctId, count)
    pushAll(this.policies, rows.policies)
    pushAll(this.hashes, rows.state_hashes)
    for (const block of rows.activity) {
      const before = this.activity.get(block.position)
      this.activity.set(block.position, before ? Activity.sum(before, block) : block)
    }
  }

  #moveMembers(rows: Rows): void {
    const moved = Map.groupBy(rows.moves, (move) => move.stored)
    const leaving = [...moved].map(
      ([stored, moves]) => [moves, [...(this.members.get(stored) ?? [])]] as const,
    )
    for (const stored of moved.keys()) this.members.delete(stored)
    for (const [moves, ids] of leaving) {
      for (const distinctId of ids) {
        closeLast(this.memberships.get(distinctId), moves[0]?.from)
        for (const { component, from, to } of moves) {
          if (component === null) continue
          append(this.memberships, distinctId, { distinctId, component, from, to })
          if (to === null) this.#addMember(component, distinctId)
        }
      }
    }
  }

  #addMember(component: ComponentId, distinctId: DistinctId): void {
    const members = this.members.get(component)
    if (members === undefined) this.members.set(component, new Set([distinctId]))
    else members.add(distinctId)
  }

  /** All rows, by table. */
  get rows(): NewRows {
    return {
      memberships: [...this.memberships.values()].flat(),
      persons: [...this.persons.values()].flat(),
      components: [...this.components.values()].flat(),
      cone_links: [...Cones.pairs(this.#coneLinks)],
      waiting_events: [...this.waiting.values()],
      refusals: Array.from(this.refusals, ([distinctId, count]) => ({ distinctId, count })),
      links: this.links,
      warnings: this.warnings,
      dropped_events: Array.from(this.dropped, ([event, from]) => ({ event, from })),
      state_hashes: this.hashes,
      personless_ids: [...this.personless.values()].flat(),
      generations: this.generations,
      policies: this.policies,
      activity: [...this.activity.values()],
    }
  }

  /** All distinct ids of the cones that these ids are in. */
  conesOf(ids: ReadonlySet<DistinctId>): ReadonlySet<DistinctId> {
    return Cones.reached(ids, this.#coneLinks, {
      of: (id) => openRow(this.memberships.get(id))?.component,
      members: (component) => this.members.get(component) ?? [],
    })
  }

  /** The person of a component now, with its ids. */
  personOf(
    id: DistinctId,
  ): { readonly person: Person; readonly distinctIds: Array<DistinctId> } | undefined {
    const component = openRow(this.memberships.get(id))?.component
    if (component === undefined) return undefined
    const personId = openRow(this.components.get(component))?.personId ?? component
    const row = openRow(this.persons.get(personId))
    if (row === undefined) return undefined
    return { person: row.person, distinctIds: [...(this.members.get(component) ?? [])].toSorted() }
  }
}

/** Pushes rows one by one, because a call takes fewer arguments than there may be rows. */
const pushAll = <A>(rows: Array<A>, added: ReadonlyArray<A>): void => {
  for (const row of added) rows.push(row)
}

const append = <K, A>(rows: Map<K, Array<A>>, key: K, row: A): void => {
  const history = rows.get(key)
  if (history === undefined) rows.set(key, [row])
  else history.push(row)
}

/** The row that holds now. */
export const openRow = <A extends { readonly to: Position | null }>(
  history: ReadonlyArray<A> | undefined,
): A | undefined => history?.findLast((row) => row.to === null)

/** Ends the last row; a row that was true at no position is removed. */
const closeLast = <A extends { readonly from: Position; readonly to: Position | null }>(
  history: Array<A> | undefined,
  to: Position | undefined,
): void => {
  const last = history?.at(-1)
  if (history === undefined || last === undefined || to === undefined) return
  history.pop()
  if (last.from !== to) history.push({ ...last, to })
}
