import type { Change } from "./state/Change.ts"
import type { DistinctId } from "./event/DistinctId.ts"
import type { Event, Recorded } from "./event/Event.ts"
import { namedBy } from "./event/NamedIds.ts"
import { needsWhole } from "./rules/OperatorRules.ts"
import * as ReleaseAndStep from "./rules/ReleaseAndStep.ts"
import type { Past } from "./retraction/ConePast.ts"
import { retract } from "./retraction/Retraction.ts"
import type { Identity } from "./state/IdentityState.ts"
import { settle } from "./state/KeptHash.ts"
import * as StateHash from "./state/StateHash.ts"

export type { Component } from "./state/Component.ts"
export { needsWhole } from "./rules/OperatorRules.ts"
export { idsOf, settle } from "./state/KeptHash.ts"
export { components, empty, type Identity, nextPersonId, personOf } from "./state/IdentityState.ts"

/** Positions between two recorded state hashes; `verify` compares a replay with each of them. */
const hashInterval = 1000

/**
 * The distinct ids that events name. A slice for a page holds these ids, and the waiting events
 * that are due by the page's end, with their ids.
 */
export const touched = (events: Iterable<{ readonly event: Event }>): ReadonlySet<DistinctId> => {
  const ids = new Set<DistinctId>()
  for (const { event } of events) for (const id of namedBy(event)) ids.add(id)
  return ids
}

/**
 * The longest prefix of the events that one slice serves: an event that needs whole persons is a
 * page of its own.
 */
export const pageOf = (events: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => {
  const found = events.findIndex(({ event }) => needsWhole(event))
  return found < 0 ? events : events.slice(0, Math.max(1, found))
}

/** Folds a page, in order, and returns all its changes. A page with a retraction needs `past`. */
export const fold = (
  identity: Identity,
  page: ReadonlyArray<Recorded>,
  past?: Past,
): ReadonlyArray<Change> => ReleaseAndStep.allAtOnce(foldInTurns(identity, page, past))

/** The properties that steps may copy in one turn: some milliseconds' worth. */
const workPerTurn = 20_000

/** The properties that a change has copied. */
const sizeOf = (change: Change): number =>
  "person" in change ? Object.keys(change.person.properties).length : 1

/**
 * The same in turns: one event may release very many, or undo one that very many came after, and each event of a person
 * costs as much as the person has properties.
 */
export const foldInTurns = function* (
  identity: Identity,
  page: ReadonlyArray<Recorded>,
  past?: Past,
): Generator<undefined, ReadonlyArray<Change>> {
  const changes: Array<Change> = []
  let work = 0
  for (const recorded of page) {
    if (ReleaseAndStep.isDue(identity, recorded)) {
      for (const change of yield* ReleaseAndStep.releaseDue(identity, recorded)) {
        changes.push(change)
      }
    }
    const isRetraction = recorded.event._tag === "Retracted"
    const stepChanges = isRetraction
      ? yield* undo(identity, recorded, past)
      : ReleaseAndStep.step(identity, recorded)
    for (const change of stepChanges) {
      changes.push(change)
      work += sizeOf(change)
    }
    if (work > workPerTurn) {
      work = 0
      yield
    }
    identity.position = recorded.position
    if (recorded.position % hashInterval === 0) {
      const stateHash = StateHash.toText(settle(identity))
      changes.push({ _tag: "Hashed", position: recorded.position, stateHash })
    }
  }
  settle(identity)
  return changes
}

const undo = function* (
  identity: Identity,
  recorded: Recorded,
  past: Past | undefined,
): Generator<undefined, ReadonlyArray<Change>> {
  if (past === undefined) throw new Error("A retraction is folded with its past.")
  return ReleaseAndStep.moveBy(identity, yield* retract(identity.project, recorded, past))
}
