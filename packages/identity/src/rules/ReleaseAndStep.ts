import { apply } from "../state/ApplyChange.ts"
import type { Change } from "../state/Change.ts"
import type { Recorded } from "../event/Event.ts"
import type { Identity } from "../state/IdentityState.ts"
import { release, transition } from "./Transition.ts"
import * as WaitingQueue from "../state/WaitingQueue.ts"

/** How many events are released, or folded, in one turn. */
const perTurn = 500

/** True if something is due at or before an event. */
export const isDue = ({ waiting }: Identity, { recordedAt }: Recorded): boolean =>
  (WaitingQueue.first(waiting)?.dueAt ?? Number.POSITIVE_INFINITY) <= recordedAt

/** Releases what is due at or before an event, in order: in turns, because a client chooses how many wait. */
export const releaseDue = function* (
  identity: Identity,
  recorded: Recorded,
): Generator<undefined, ReadonlyArray<Change>> {
  const changes: Array<Change> = []
  let left = perTurn
  for (let next = WaitingQueue.first(identity.waiting); next !== undefined;) {
    if (next.dueAt > recorded.recordedAt) break
    for (const change of moveBy(identity, release(identity, next, recorded))) changes.push(change)
    next = WaitingQueue.first(identity.waiting)
    if (--left > 0) continue
    left = perTurn
    yield
  }
  return changes
}

/** Moves the identity by changes, in order. */
export const moveBy = (
  identity: Identity,
  changes: ReadonlyArray<Change>,
): ReadonlyArray<Change> => {
  for (const change of changes) apply(identity, change)
  return changes
}

/** Moves the identity by one event that needs nothing but the state, once what is due before it is released. */
export const step = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> =>
  moveBy(identity, transition(identity, recorded))

/**
 * Moves the identity by a log without retractions, and returns all changes: in turns, because a client
 * chooses how long the log is.
 */
export const releaseAndStepAll = function* (
  identity: Identity,
  log: ReadonlyArray<Recorded>,
): Generator<undefined, ReadonlyArray<Change>> {
  const changes: Array<Change> = []
  let left = perTurn
  for (const recorded of log) {
    if (isDue(identity, recorded)) {
      for (const change of yield* releaseDue(identity, recorded)) changes.push(change)
    }
    for (const change of step(identity, recorded)) changes.push(change)
    identity.position = recorded.position
    if (--left > 0) continue
    left = perTurn
    yield
  }
  return changes
}

/** Works turn after turn to the end. */
export const allAtOnce = <A>(turns: Generator<undefined, A>): A => {
  for (;;) {
    const turn = turns.next()
    if (turn.done === true) return turn.value
  }
}
