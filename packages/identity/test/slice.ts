import type { DistinctId } from "../src/event/DistinctId.ts"
import type { Recorded } from "../src/event/Event.ts"
import * as Identity from "../src/Identity.ts"
import * as WaitingQueue from "../src/state/WaitingQueue.ts"

/**
 * The slice for a page of events, cut out of an identity as a store would load it: components know their size, but hold
 * only the touched ids.
 */
export const sliceOf = (
  identity: Identity.Identity,
  page: ReadonlyArray<Recorded>,
): Identity.Identity => {
  const until = page.at(-1)?.recordedAt ?? 0
  const due = WaitingQueue.all(identity.waiting).filter(({ dueAt }) => dueAt <= until)
  const named = Identity.touched([...due, ...page])
  const isWhole = page.some(({ event }) => Identity.needsWhole(event))
  const ids = isWhole ? withAllOf(identity, named) : named
  const slice: Identity.Identity = {
    project: identity.project,
    policy: identity.policy,
    position: identity.position,
    components: cut(identity.components, ids),
    coneLinks: new Map(),
    waiting: WaitingQueue.of(due),
    personless: new Set([...ids].filter((id) => identity.personless.has(id))),
    generations: new Map([...identity.generations].filter(([id]) => ids.has(id))),
    goneAt: new Map([...identity.goneAt].filter(([id]) => ids.has(id))),
    refusals: new Map([...identity.refusals].filter(([id]) => named.has(id))),
    stateHash: identity.stateHash,
    unsettled: [],
  }
  return slice
}

/** Some distinct ids, with all others of their persons. */
const withAllOf = (identity: Identity.Identity, ids: ReadonlySet<DistinctId>) =>
  new Set([...ids].flatMap((id) => [id, ...(identity.components.get(id)?.members ?? [])]))

interface Group {
  readonly members: Array<DistinctId>
}

/** Copies the groups of some ids, with only those ids as members. */
const cut = <A extends Group>(
  groups: ReadonlyMap<DistinctId, A | undefined>,
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
