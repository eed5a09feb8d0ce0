import type { DistinctId } from "@onymous/identity/DistinctId"
import type { Recorded } from "@onymous/identity/Event"
import * as Identity from "@onymous/identity/Identity"

/**
 * What a page of events touches, cut out of an identity as a store would load it: the components
 * and cones know how large they are, but hold only the touched ids.
 */
export const sliceOf = (
  identity: Identity.Identity,
  page: ReadonlyArray<Recorded>,
): Identity.Identity => ({
  project: identity.project,
  policy: identity.policy,
  position: identity.position,
  components: cut(identity.components, Identity.touched(page)),
  cones: cut(identity.cones, Identity.touched(page)),
  stateHash: identity.stateHash,
  unsettled: new Set(),
})

interface Group {
  readonly members: Array<DistinctId>
}

/** Copies the groups of some ids, with only those ids as members. */
const cut = <A extends Group>(
  groups: ReadonlyMap<DistinctId, A>,
  ids: ReadonlySet<DistinctId>,
): Map<DistinctId, A> => {
  const copies = new Map<A, A>()
  const slice = new Map<DistinctId, A>()
  for (const id of ids) {
    const group = groups.get(id)
    if (group === undefined) continue
    const copy = copies.get(group) ?? { ...group, members: [] }
    copies.set(group, copy)
    copy.members.push(id)
    slice.set(id, copy)
  }
  return slice
}
