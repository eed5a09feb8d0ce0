import { apply } from "./Apply.ts"
import type { Change } from "./Change.ts"
import type { Recorded } from "./Event.ts"
import type { Identity } from "./State.ts"
import { release, transition } from "./Transition.ts"
import * as Waiting from "./Waiting.ts"

/** Releases what is due at or before an event, in order. */
export const releaseDue = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  let changes: Array<Change> | undefined
  for (let next = Waiting.first(identity.waiting); next !== undefined;) {
    if (next.dueAt > recorded.recordedAt) break
    changes = (changes ?? []).concat(moveBy(identity, release(identity, next, recorded)))
    next = Waiting.first(identity.waiting)
  }
  return changes ?? none
}

const none: ReadonlyArray<Change> = []

/** Moves the identity by changes, in order. */
export const moveBy = (
  identity: Identity,
  changes: ReadonlyArray<Change>,
): ReadonlyArray<Change> => {
  for (const change of changes) apply(identity, change)
  return changes
}

/** Moves the identity by one event that needs nothing but the state: first what is due before it. */
export const step = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  const released = releaseDue(identity, recorded)
  const changes = moveBy(identity, transition(identity, recorded))
  return released.length === 0 ? changes : [...released, ...changes]
}
