import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import * as Identity from "@onymous/identity/Identity"
import * as StateHash from "@onymous/identity/state/StateHash"
import * as WaitingQueue from "@onymous/identity/state/WaitingQueue"
import type { Checkpoint } from "../Checkpoint.ts"
import type { Wanted } from "../PersonStore.ts"
import type { Slice } from "../rows/LoadedSlice.ts"
import type { ComponentRow } from "../rows/RowChanges.ts"
import { openRow, type Tables } from "./MemoryTables.ts"

/** The slice that a page wants, as it stands at a checkpoint. */
export const load = (tables: Tables, from: Checkpoint, wanted: Wanted): Slice => {
  const identity = Identity.empty(from.project, from.policy)
  identity.position = from.position
  identity.stateHash = StateHash.fromText(from.stateHash)
  for (const waiting of wanted.waiting) WaitingQueue.add(identity.waiting, waiting)
  const stored = {
    components: new Map<ComponentId, ComponentRow>(),
    inhabited: new Set<ComponentId>(),
    generations: new Map<DistinctId, number>(),
  }
  const loaded = new Map<ComponentId, Identity.Component>()
  const ids = wanted.isWhole ? withAllOf(tables, wanted.ids) : wanted.ids
  for (const id of ids) {
    const component = openRow(tables.memberships.get(id))?.component
    if (component !== undefined) {
      const entry = loaded.get(component) ?? loadComponent(tables, component, stored)
      loaded.set(component, entry)
      entry.members.push(id)
      identity.components.set(id, entry)
    }
    if (openRow(tables.personless.get(id)) !== undefined) identity.personless.add(id)
    const refusals = tables.refusals.get(id)
    if (refusals !== undefined) identity.refusals.set(id, refusals)
  }
  for (const { distinctId, generation, goneAt } of tables.generations) {
    if (!ids.has(distinctId)) continue
    stored.generations.set(distinctId, generation)
    identity.generations.set(distinctId, generation)
    if (goneAt === null) identity.goneAt.delete(distinctId)
    else identity.goneAt.set(distinctId, goneAt)
  }
  return { identity, stored }
}

/** All distinct ids of the persons that these ids lead to. */
const withAllOf = (tables: Tables, ids: ReadonlySet<DistinctId>): ReadonlySet<DistinctId> => {
  const all = new Set(ids)
  for (const id of ids) {
    const component = openRow(tables.memberships.get(id))?.component
    const members = component === undefined ? undefined : tables.members.get(component)
    for (const member of members ?? []) all.add(member)
  }
  return all
}

const loadComponent = (
  tables: Tables,
  id: ComponentId,
  stored: {
    readonly components: Map<ComponentId, ComponentRow>
    readonly inhabited: Set<ComponentId>
  },
): Identity.Component => {
  const row = openRow(tables.components.get(id))
  const person = openRow(tables.persons.get(row?.personId ?? id))
  if (person === undefined) throw new Error(`The component ${id} has no person.`)
  stored.inhabited.add(id)
  if (row !== undefined) stored.components.set(id, row)
  const [only] = tables.members.get(id) ?? []
  const alone = openRow(only === undefined ? undefined : tables.memberships.get(only))
  if (only === undefined || alone === undefined) throw new Error(`The component ${id} is empty.`)
  const { joinedSince: since = null, joinedCount: count = null } = row ?? {}
  return {
    id,
    person: person.person,
    size: row?.size ?? 1,
    ids: row?.ids == null ? undefined : StateHash.fromText(row.ids),
    members: [],
    first: row?.first ?? only,
    firstSeen: row?.firstSeen ?? alone.from,
    joined: since === null || count === null ? undefined : { since, count },
    counted: undefined,
    isSettled: true,
  }
}
