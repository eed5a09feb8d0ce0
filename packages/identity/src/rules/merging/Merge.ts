import type { LinkOutcome } from "../../state/Change.ts"
import * as Cones from "../../state/Cones.ts"
import type { DistinctId } from "../../event/DistinctId.ts"
import * as Guard from "./Guard.ts"
import { emptyObject, equals, type JsonObject } from "../../encoding/Json.ts"
import type { Person } from "../../state/Person.ts"
import * as IllegalId from "../../policy/IllegalId.ts"
import type { Component } from "../../state/Component.ts"
import { nextPersonId } from "../../state/IdentityState.ts"
import { type Step, warn } from "../EventStep.ts"
import { alter, bear, operated, ordinary } from "../properties/PersonUpdate.ts"

/** An event that asks to merge `source` into `target`, two different ids (SPEC §2, P2). */
export const identify = (step: Step, target: DistinctId, source: DistinctId): void => {
  const { policy } = step.identity
  const illegal = [target, source].find((id) => IllegalId.isIllegal(policy, id))
  if (illegal !== undefined) {
    warn(step, "cannot_merge_with_illegal_distinct_id", {
      illegalDistinctId: illegal,
      otherDistinctId: illegal === target ? source : target,
      distinctId: target,
    })
    link(step, target, source, "refused_illegal")
    Guard.countRefusal(step, [target, source])
    return ordinary(step)
  }
  joinCones(step, target, source)
  const targetComponent = step.identity.components.get(target)
  const sourceComponent = step.identity.components.get(source)
  if (sourceComponent === undefined) {
    if (targetComponent === undefined) create(step, target, source)
    else attach(step, source, target, targetComponent)
  } else if (targetComponent === undefined) {
    if (mayMoveInto(step, sourceComponent)) attach(step, target, source, sourceComponent)
    else refuse(step, target, source, sourceComponent)
  } else if (targetComponent === sourceComponent) {
    link(step, target, source, "already_one")
    alter(step, target, targetComponent.person, { isIdentified: true })
  } else if (sourceComponent.person.isIdentified && !step.isForced) {
    refuse(step, target, source, sourceComponent)
  } else merge(step, targetComponent, sourceComponent, target, source)
}

const mayMoveInto = (step: Step, source: Component): boolean =>
  !source.person.isIdentified ||
  step.identity.policy.identified_source_new_target === "attach" ||
  step.isForced

/** What a guard stops: the event stays with its target, identified, as in every refusal (P9). */
const isGuarded = (step: Step, wanted: Omit<Guard.Link, "target" | "source">): boolean => {
  const target = step.event.distinctId
  const source = step.event.source ?? target
  if (!Guard.refuses(step, { target, source, ...wanted })) return false
  link(step, target, source, "refused_guard")
  Guard.countRefusal(step, [target, source])
  ordinary(step, true)
  return true
}

/**
 * Neither id has a person: one is created with both (P6). It is the target's, unless only the source
 * was used without a person: then the events of both ids agree from the start (P19).
 */
const create = (step: Step, target: DistinctId, source: DistinctId): void => {
  if (isGuarded(step, { into: undefined, added: 2, joinsIdentified: false })) return
  const { personless, policy } = step.identity
  const isSources = policy.personless_events && personless.has(source) && !personless.has(target)
  const [founder, added] = isSources ? [source, target] : [target, source]
  const person = bear(step, founder, true)
  adopt(step, added, founder, { id: person.id, joined: undefined }, 2, "created")
}

/** One id has a person: the other joins it (P7). */
const attach = (step: Step, added: DistinctId, via: DistinctId, component: Component): void => {
  if (isGuarded(step, { into: component, added: 1, joinsIdentified: false })) return
  adopt(step, added, via, component, 1, "attached")
  alter(step, via, component.person, { isIdentified: true })
}

const adopt = (
  step: Step,
  added: DistinctId,
  via: DistinctId,
  component: Pick<Component, "id" | "joined">,
  count: number,
  outcome: LinkOutcome,
): void => {
  const { identity, position, own: event } = step
  const joined = Guard.joinedAfter(identity.policy, component.joined, count, step.recordedAt)
  step.changes.push({
    _tag: "IdJoined",
    position,
    distinctId: added,
    via,
    component: component.id,
    ...(joined && { joined }),
  })
  const [target, source] = step.event.distinctId === added ? [added, via] : [via, added]
  const union = { loser: nextPersonId(identity, added), winner: component.id }
  step.changes.push({ _tag: "Linked", position, event, target, source, outcome, ...union })
}

/** The source is an identified person: both stay, and the target is identified all the same (P9). */
const refuse = (
  step: Step,
  target: DistinctId,
  source: DistinctId,
  sourceComponent: Component,
): void => {
  const targetPerson = step.identity.components.get(target)?.person
  warn(step, "cannot_merge_already_identified", {
    sourcePersonDistinctId: source,
    targetPersonDistinctId: target,
    distinctId: target,
    sourcePersonId: sourceComponent.person.id,
    targetPersonId: targetPerson?.id ?? nextPersonId(step.identity, target),
  })
  link(step, target, source, "refused_identified")
  Guard.countRefusal(step, [target, source])
  ordinary(step, true)
}

/** Two persons: the target survives, on whichever component is the larger one (P9, DESIGN §6). */
const merge = (
  step: Step,
  targetComponent: Component,
  sourceComponent: Component,
  target: DistinctId,
  source: DistinctId,
): void => {
  const [into, from] = [targetComponent.person, sourceComponent.person]
  const joinsIdentified = into.isIdentified && from.isIdentified
  const added = sourceComponent.size
  if (isGuarded(step, { into: targetComponent, added, joinsIdentified })) return
  const { position, own: event, identity } = step
  const person = mergedPerson(step, into, from)
  const isTargetLarger = targetComponent.size >= sourceComponent.size
  const winner = (isTargetLarger ? targetComponent : sourceComponent).id
  const loser = (isTargetLarger ? sourceComponent : targetComponent).id
  const union = { target, source, winner, loser }
  const joined = Guard.joinedAfter(identity.policy, targetComponent.joined, added, step.recordedAt)
  step.changes.push({
    _tag: "ComponentsJoined",
    position,
    ...union,
    person,
    gone: from.id,
    ...(joined && { joined }),
  })
  const lost = lostBy(from.properties, into.properties)
  step.changes.push({ _tag: "Linked", position, event, ...union, outcome: "merged", lost })
}

/** How many properties of the source give way, because the target has another value under the same key. */
const lostBy = (source: JsonObject, target: JsonObject): number =>
  Object.keys(source).filter(
    (key) => Object.hasOwn(target, key) && !equals(source[key], target[key]),
  ).length

const mergedPerson = (step: Step, into: Person, from: Person): Person => {
  const both = Object.assign(emptyObject(), from.properties, into.properties)
  const version =
    step.identity.policy.merged_version === "target"
      ? into.version
      : Math.max(into.version, from.version)
  return {
    id: into.id,
    properties: operated(step, into.id, [both, into.properties]),
    isIdentified: true,
    createdAt: Math.min(into.createdAt, from.createdAt),
    version: version + 1,
  }
}

const link = (step: Step, target: DistinctId, source: DistinctId, outcome: LinkOutcome): void => {
  const { position, own: event } = step
  step.changes.push({ _tag: "Linked", position, event, target, source, outcome })
}

/** Whatever comes of the event, its two ids can now reach each other in a what-if (DESIGN §6). */
export const joinCones = (step: Step, target: DistinctId, source: DistinctId): void => {
  // Most ids are alone in their cone, and a cone that is only looked at need not be built.
  const [a, b] = [Cones.find(step.identity, target), Cones.find(step.identity, source)]
  const [idA, idB] = [a?.id ?? target, b?.id ?? source]
  if (idA === idB) return
  const [winner, loser] = (a?.size ?? 1) >= (b?.size ?? 1) ? [idA, idB] : [idB, idA]
  step.changes.push({ _tag: "ConesJoined", position: step.position, target, source, winner, loser })
}
