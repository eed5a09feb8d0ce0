import type { Component } from "./Component.ts"
import type { Identity } from "./IdentityState.ts"
import * as StateHash from "./StateHash.ts"

/*
 * The state hash of an identity is kept, not computed: it is a sum, so what goes is subtracted and what
 * comes is added. A warning and a waiting event never change; their shares are counted at once. A component
 * changes with nearly each event of a page; its share is counted when the page ends:
 *
 *   new        enrol   in no sum yet (counted: undefined), unsettled
 *   changes    touch   its share in the sum is noted before the first change (counted), unsettled
 *   page ends  settle  counted is subtracted, its share of now is added; settled
 *   goes       forget  counted is subtracted; settled, so that nothing is added
 */

/** Adds a share to the state hash. */
export const count = (identity: Identity, share: StateHash.StateHash): void => {
  identity.stateHash = StateHash.add(identity.stateHash, share)
}

/** Takes a share out of the state hash. */
export const uncount = (identity: Identity, share: StateHash.StateHash): void => {
  identity.stateHash = StateHash.subtract(identity.stateHash, share)
}

/** What a component adds to the state hash. */
const shareOf = (component: Component): StateHash.StateHash =>
  StateHash.ofPerson(component.person, component.size, idsOf(component))

/** The sum of the hashes of a component's distinct ids. */
export const idsOf = ({ ids, first }: Component): StateHash.StateHash =>
  ids ?? StateHash.ofDistinctId(first)

/** A new component, in no sum yet, is to be counted. */
export const enrol = (identity: Identity, component: Component): void => {
  identity.unsettled.push(component)
}

/** A component is about to change: its share is noted before it does. */
export const touch = (identity: Identity, component: Component): Component => {
  if (!component.isSettled) return component
  component.counted = shareOf(component)
  component.isSettled = false
  identity.unsettled.push(component)
  return component
}

/** A component is gone. */
export const forget = (identity: Identity, component: Component): void => {
  if (component.counted !== undefined) uncount(identity, component.counted)
  component.counted = undefined
  component.isSettled = true
}

/** Brings the state hash up to date, and answers with it. */
export const settle = (identity: Identity): StateHash.StateHash => {
  for (const component of identity.unsettled) {
    if (component.isSettled) continue
    forget(identity, component)
    count(identity, shareOf(component))
  }
  identity.unsettled = []
  return identity.stateHash
}
