import type { Component } from "./Component.ts"
import type { Identity } from "./IdentityState.ts"
import * as StateHash from "./StateHash.ts"

/*
 * The state hash of an identity is a running sum: a change subtracts the old share and adds the new one.
 * Warnings and waiting events never change, so their shares are counted at once. A component changes with
 * nearly each event of a page, so its share is counted when the page ends:
 *
 *   new        enrol   its share is in no sum yet (counted: undefined), unsettled
 *   changes    touch   its share in the sum is noted before its first change (counted), unsettled
 *   page ends  settle  counted is subtracted, its current share is added; settled
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

/** A component's share of the state hash. */
const shareOf = (component: Component): StateHash.StateHash =>
  StateHash.ofPerson(component.person, component.size, idsOf(component))

/** The sum of the hashes of a component's distinct ids. */
export const idsOf = ({ ids, first }: Component): StateHash.StateHash =>
  ids ?? StateHash.ofDistinctId(first)

/** Marks a new component, which is in no sum yet, to be counted. */
export const enrol = (identity: Identity, component: Component): void => {
  identity.unsettled.push(component)
}

/** Notes the share of a component before its first change in a page. */
export const touch = (identity: Identity, component: Component): Component => {
  if (!component.isSettled) return component
  component.counted = shareOf(component)
  component.isSettled = false
  identity.unsettled.push(component)
  return component
}

/** Takes a deleted component's share out of the state hash. */
export const forget = (identity: Identity, component: Component): void => {
  if (component.counted !== undefined) uncount(identity, component.counted)
  component.counted = undefined
  component.isSettled = true
}

/** Brings the state hash up to date, and returns it. */
export const settle = (identity: Identity): StateHash.StateHash => {
  for (const component of identity.unsettled) {
    if (component.isSettled) continue
    forget(identity, component)
    count(identity, shareOf(component))
  }
  identity.unsettled = []
  return identity.stateHash
}
