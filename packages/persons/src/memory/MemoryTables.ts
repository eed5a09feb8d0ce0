import type { ComponentId } from "@onymous/identity/state/Component"
import * as Cones from "@onymous/identity/state/Cones"
import * as Component from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import type { Person } from "@onymous/identity/state/Person"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as WaitingQueue from "@onymous/identity/state/WaitingQueue"
import type { Checkpoint } from "../Checkpoint.ts"
import type { Wanted } from "../PersonStore.ts"
import type {
  ComponentRow,
  GenerationRow,
  LinkRow,
  MembershipRow,
  PersonlessRow,
  PersonRow,
  Rows,
  WaitingRow,
} from "../rows/RowChanges.ts"
import type { Slice } from "../rows/LoadedSlice.ts"

/** The tables of one project, in memory; moved by `write` alone. */
export class Tables {
  readonly persons = new Map<PersonId, Array<PersonRow>>()
  readonly memberships = new Map<DistinctId, Array<MembershipRow>>()
  readonly components = new Map<ComponentId, Array<ComponentRow>>()
  /** The distinct ids that are in a component now. */
  readonly members = new Map<ComponentId, Set<DistinctId>>()
  readonly cones = new Map<DistinctId, number>()
  readonly coneMembers = new Map<DistinctId, DistinctId>()
  readonly links: Array<LinkRow> = []
  readonly warnings: Array<Rows["warnings"][number]> = []
  readonly dropped = new Map<Position, Position>()
  readonly waiting = new Map<Position, WaitingRow>()
  readonly personless = new Map<DistinctId, Array<PersonlessRow>>()
  readonly generations: Array<GenerationRow> = []
  readonly refusals = new Map<DistinctId, number>()
  readonly policies: Array<Rows["policies"][number]> = []
  readonly hashes: Array<{ readonly position: Position; readonly stateHash: string }> = []

  /** Writes what a page changes. */
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
      const kept = history.filter((stored) => stored.from !== row.from)
      this.components.set(row.component, [...kept, row])
    }
    this.#writeCones(rows.cones)
    this.links.push(...rows.links)
    this.#writeDecisions(rows)
  }

  #writeDecisions(rows: Rows): void {
    for (const { event, to } of rows.revokedWarnings) {
      for (const [index, row] of this.warnings.entries()) {
        if (row.warning.position !== event || row.to !== null) continue
        this.warnings[index] = { ...row, to }
      }
    }
    this.warnings.push(...rows.warnings)
    for (const { event, from } of rows.dropped) this.dropped.set(event, from)
    for (const row of rows.waiting) this.waiting.set(row.position, row)
    for (const released of rows.released) {
      const row = this.waiting.get(released.event)
      if (row !== undefined) this.waiting.set(row.position, { ...row, released })
    }
    for (const { distinctId, to } of rows.closedPersonless) {
      const history = this.personless.get(distinctId)
      if (openRow(history) !== undefined) closeLast(history, to)
    }
    for (const row of rows.personless) append(this.personless, row.distinctId, row)
    this.generations.push(...rows.generations)
    for (const { distinctId, count } of rows.refusals) this.refusals.set(distinctId, count)
    this.policies.push(...rows.policies)
    this.hashes.push(...rows.hashes)
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

  #writeCones(cones: Rows["cones"]): void {
    const moves = new Map(cones.moves.map(({ stored, cone }) => [stored, cone]))
    for (const [id, cone] of this.coneMembers) {
      const next = moves.get(cone)
      if (next !== undefined) this.coneMembers.set(id, next)
    }
    for (const cone of moves.keys()) this.cones.delete(cone)
    for (const { distinctId, cone } of cones.members) this.coneMembers.set(distinctId, cone)
    for (const { cone, size } of cones.sizes) this.cones.set(cone, size)
  }

  /** The slice that a page wants, as it stands at a checkpoint. */
  load(from: Checkpoint, wanted: Wanted): Slice {
    const identity = Identity.empty(from.project, from.policy)
    identity.position = from.position
    identity.stateHash = StateHash.fromText(from.stateHash)
    for (const waiting of wanted.waiting) WaitingQueue.add(identity.waiting, waiting)
    const stored = {
      components: new Map<ComponentId, ComponentRow>(),
      inhabited: new Set<ComponentId>(),
      cones: new Map<DistinctId, DistinctId>(),
      generations: new Map<DistinctId, number>(),
    }
    const loaded = new Map<ComponentId, Identity.Component>()
    const ids = wanted.isWhole ? this.#withAllOf(wanted.ids) : wanted.ids
    for (const id of ids) {
      const component = openRow(this.memberships.get(id))?.component
      if (component !== undefined) {
        const held = loaded.get(component) ?? this.#loadComponent(component, stored)
        loaded.set(component, held)
        held.members.push(id)
        identity.components.set(id, held)
      }
      if (openRow(this.personless.get(id)) !== undefined) identity.personless.add(id)
      const refusals = this.refusals.get(id)
      if (refusals !== undefined) identity.refusals.set(id, refusals)
    }
    const cones = new Map<DistinctId, Component.Cone>()
    for (const id of wanted.ids) this.#loadCone(identity, id, stored.cones, cones)
    for (const { distinctId, generation, goneAt } of this.generations) {
      if (!ids.has(distinctId)) continue
      stored.generations.set(distinctId, generation)
      identity.generations.set(distinctId, generation)
      if (goneAt === null) identity.goneAt.delete(distinctId)
      else identity.goneAt.set(distinctId, goneAt)
    }
    return { identity, stored }
  }

  /** All distinct ids of the cones that some are in. */
  conesOf(ids: ReadonlySet<DistinctId>): ReadonlySet<DistinctId> {
    const cones = new Set([...ids].flatMap((id) => this.coneMembers.get(id) ?? []))
    const members = [...this.coneMembers].flatMap(([id, cone]) => (cones.has(cone) ? [id] : []))
    return new Set([...ids, ...members])
  }

  /** All distinct ids of the persons of some. */
  #withAllOf(ids: ReadonlySet<DistinctId>): ReadonlySet<DistinctId> {
    const all = new Set(ids)
    for (const id of ids) {
      const component = openRow(this.memberships.get(id))?.component
      const members = component === undefined ? undefined : this.members.get(component)
      for (const member of members ?? []) all.add(member)
    }
    return all
  }

  #loadComponent(
    id: ComponentId,
    stored: {
      readonly components: Map<ComponentId, ComponentRow>
      readonly inhabited: Set<ComponentId>
    },
  ): Identity.Component {
    const row = openRow(this.components.get(id))
    const person = openRow(this.persons.get(row?.personId ?? id))
    if (person === undefined) throw new Error(`The component ${id} has no person.`)
    stored.inhabited.add(id)
    if (row !== undefined) stored.components.set(id, row)
    const [only] = this.members.get(id) ?? []
    const alone = openRow(only === undefined ? undefined : this.memberships.get(only))
    if (only === undefined || alone === undefined) throw new Error(`The component ${id} is empty.`)
    const { joinedSince: since = null, joinedCount: count = null } = row ?? {}
    return {
      id,
      person: person.person,
      size: row?.size ?? 1,
      ids: row?.ids == null ? undefined : StateHash.fromText(row.ids),
      members: [],
      cone: undefined,
      first: row?.first ?? only,
      firstSeen: row?.firstSeen ?? alone.from,
      joined: since === null || count === null ? undefined : { since, count },
      counted: undefined,
      isSettled: true,
    }
  }

  #loadCone(
    identity: Identity.Identity,
    id: DistinctId,
    stored: Map<DistinctId, DistinctId>,
    loaded: Map<DistinctId, Component.Cone>,
  ): void {
    const cone = this.coneMembers.get(id)
    if (cone === undefined) return
    stored.set(id, cone)
    const held = loaded.get(cone) ?? {
      id: cone,
      size: this.cones.get(cone) ?? 1,
      members: [],
      into: undefined,
    }
    loaded.set(cone, held)
    held.members.push(id)
    Cones.put(identity, id, held)
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

const append = <K, A>(rows: Map<K, Array<A>>, key: K, row: A): void => {
  const history = rows.get(key)
  if (history === undefined) rows.set(key, [row])
  else history.push(row)
}

const openRow = <A extends { readonly to: Position | null }>(
  history: ReadonlyArray<A> | undefined,
): A | undefined => history?.findLast((row) => row.to === null)

/** Ends the last row; one that was true for no position leaves none. */
const closeLast = <A extends { readonly from: Position; readonly to: Position | null }>(
  history: Array<A> | undefined,
  to: Position | undefined,
): void => {
  const last = history?.at(-1)
  if (history === undefined || last === undefined || to === undefined) return
  history.pop()
  if (last.from !== to) history.push({ ...last, to })
}
