import type { DistinctId } from "../event/DistinctId.ts"
import type { Component, Cone } from "./Component.ts"
import type { Identity } from "./IdentityState.ts"

/** The cone that a cone is part of by now. */
const wholeOf = (cone: Cone): Cone => {
  let whole = cone
  while (whole.into !== undefined) whole = whole.into
  return whole
}

/** The cone of a component, where its ids are in one with others. */
const ofComponent = (component: Component): Cone | undefined => {
  if (component.cone === undefined) return undefined
  return (component.cone = wholeOf(component.cone))
}

/** The cone of an id; none where it was never named with another, and is alone in its own. */
export const find = (
  { components, cones }: Identity,
  id: DistinctId,
  component = components.get(id),
): Cone | undefined => {
  if (component !== undefined) return ofComponent(component)
  const cone = cones.get(id)
  return cone && wholeOf(cone)
}

/** The cone of an id, be it alone in it. */
export const of = (identity: Identity, id: DistinctId, component?: Component): Cone =>
  find(identity, id, component) ?? { id, size: 1, members: [id], into: undefined }

/** Puts an id, and all others of its component, into a cone. */
export const put = (
  identity: Identity,
  id: DistinctId,
  cone: Cone,
  component = identity.components.get(id),
): void => {
  if (component === undefined) identity.cones.set(id, cone)
  else component.cone = cone
}

/** Takes the cone of an id that had no component, which is to know it from now on. */
export const take = ({ cones }: Identity, id: DistinctId): Cone | undefined => {
  if (cones.size === 0) return undefined
  const cone = cones.get(id)
  cones.delete(id)
  return cone && wholeOf(cone)
}

/** Keeps the cone of a component for ids that leave it, and have none any more. */
export const leave = (
  { cones }: Identity,
  component: Component,
  ids: Iterable<DistinctId>,
): void => {
  const cone = ofComponent(component)
  if (cone === undefined) return
  for (const id of ids) cones.set(id, cone)
}
