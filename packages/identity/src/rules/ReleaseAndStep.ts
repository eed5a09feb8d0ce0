import { apply } from "../state/ApplyChange.ts"
import type { Change } from "../state/Change.ts"
import type { Recorded } from "../event/Event.ts"
import type { Identity } from "../state/IdentityState.ts"
import { release, transition } from "./Transition.ts"
import * as WaitingQueue from "../state/WaitingQueue.ts"

/** Releases the waiting events that are due at or before an event, in order. */
export const releaseDue = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  let changes: Array<Change> | undefined
  for (let next = WaitingQueue.first(identity.waiting); next !== undefined;) {
    if (next.dueAt > recorded.recordedAt) break
    changes = (changes ?? []).concat(moveBy(identity, release(identity, next, recorded)))
    next = WaitingQueue.first(identity.waiting)
  }
  return changes ?? none
}

const none: ReadonlyArray<Change> = []

/** Applies changes to the identity, in order. */
export const moveBy = (
  identity: Identity,
  changes: ReadonlyArray<Change>,
): ReadonlyArray<Change> => {
  for (const change of changes) apply(identity, change)
  return changes
}

/**
 * Folds one event that is no retraction: first releases the events that are due, then applies its
 * own changes.
 */
export const step = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  const released = releaseDue(identity, recorded)
  const changes = moveBy(identity, transition(identity, recorded))
  return released.length === 0 ? changes : [...released, ...changes]
}
