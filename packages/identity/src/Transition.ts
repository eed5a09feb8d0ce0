import type { Change, LinkOutcome } from "./Change.ts"
import type { DistinctId } from "./DistinctId.ts"
import type { Captured, Recorded } from "./Event.ts"
import { type Component, coneOf, type Identity, nextPersonId } from "./Identity.ts"
import { emptyObject, type JsonObject } from "./Json.ts"
import * as Person from "./Person.ts"
import * as Policy from "./Policy.ts"
import type { Position } from "./Position.ts"
import * as Timestamp from "./Timestamp.ts"
import type { Warning, WarningType } from "./Warning.ts"

/**
 * What one recorded event changes (SPEC §2, §3, §6): pure and total. Checks stand in SPEC's order;
 * what cannot be applied as asked becomes a warning, never an exception.
 */
export const transition = (identity: Identity, recorded: Recorded): ReadonlyArray<Change> => {
  const { position, event } = recorded
  if (event._tag === "PolicyChanged") {
    return [{ _tag: "PolicySet", position, policy: Policy.change(identity.policy, event.change) }]
  }
  const step: Step = { identity, event, position, recordedAt: recorded.recordedAt, changes: [] }
  if (event.facts.invalidUuid !== undefined) {
    warn(step, "skipping_event_invalid_uuid", {
      eventUuid: JSON.stringify(event.facts.invalidUuid),
    })
    step.changes.push({ _tag: "Dropped", position })
    return step.changes
  }
  const source = sourceOf(event, identity.policy)
  if (source === undefined || source === event.distinctId) ordinary(step)
  else identify(step, event.distinctId, source)
  return step.changes
}

/** One event on its way through the checks, with the changes found so far. */
interface Step {
  readonly identity: Identity
  readonly event: Captured
  readonly position: Position
  readonly recordedAt: number
  readonly changes: Array<Change>
}

/** The id to be merged into the event's `distinct_id`, where the event asks for that (P1). */
const sourceOf = (event: Captured, policy: Policy.Policy): DistinctId | undefined => {
  if (event.facts.emptySource && policy.empty_anon_distinct_id === "ignore") return undefined
  if (event.name === "$merge_dangerously" && !policy.merge_dangerously) return undefined
  return event.source
}

const warn = (step: Step, type: WarningType, details: Warning["details"]): void => {
  const { position, event } = step
  const named = { eventUuid: event.uuid, ...details }
  const warning = { type, position, at: step.recordedAt, eventUuid: event.uuid, details: named }
  step.changes.push({ _tag: "Warned", position, warning })
}

/** An event that merges nothing: it creates its person, or moves the person's properties. */
const ordinary = (step: Step, isIdentified = false): void => {
  const { identity, event } = step
  const component = identity.components.get(event.distinctId)
  if (component === undefined) bear(step, event.distinctId, isIdentified)
  else alter(step, event.distinctId, component.person, { isIdentified })
}

const bear = (step: Step, distinctId: DistinctId, isIdentified: boolean): Person.Person => {
  const { identity, position, event } = step
  const id = nextPersonId(identity, distinctId)
  const person: Person.Person = {
    id,
    properties: operated(step, id, [emptyObject()], true),
    isIdentified,
    createdAt: Timestamp.of(event, step.recordedAt),
    version: 0,
  }
  step.changes.push({ _tag: "PersonBorn", position, distinctId, person })
  return person
}

/** The next version of a person, if the event gives it one; none otherwise. */
const alter = (
  step: Step,
  distinctId: DistinctId,
  person: Person.Person,
  wanted: { readonly isIdentified: boolean },
): void => {
  const properties = operated(step, person.id, [person.properties])
  const isIdentified = person.isIdentified || wanted.isIdentified
  if (properties === person.properties && isIdentified === person.isIdentified) return
  const next = { ...person, properties, isIdentified, version: person.version + 1 }
  step.changes.push({ _tag: "PersonChanged", position: step.position, distinctId, person: next })
}

/**
 * The first of `bases` moved by the event's operations. Where that is too large, the operations are
 * lost, with a warning, and the first base that is small enough stays (P33).
 */
const operated = (
  step: Step,
  personId: string,
  bases: readonly [JsonObject, ...Array<JsonObject>],
  isNew = false,
): JsonObject => {
  const { policy } = step.identity
  const { facts, distinctId } = step.event
  const properties = Person.withOperations(bases[0], facts, policy, isNew)
  if (properties === bases.at(-1) || !Person.isTooLarge(properties, policy)) return properties
  warn(step, "person_properties_size_violation", {
    distinctId,
    personId,
    message: `Person properties may take ${policy.person_properties_bytes_max} bytes; the update was not applied.`,
  })
  return bases.find((base) => !Person.isTooLarge(base, policy)) ?? bases.at(-1) ?? bases[0]
}

/** An event that asks to merge `source` into `target`, two different ids. */
const identify = (step: Step, target: DistinctId, source: DistinctId): void => {
  const { policy } = step.identity
  const illegal = [target, source].find((id) => Policy.isIllegal(policy, id))
  if (illegal !== undefined) {
    warn(step, "cannot_merge_with_illegal_distinct_id", {
      illegalDistinctId: illegal,
      otherDistinctId: illegal === target ? source : target,
      distinctId: target,
    })
    link(step, target, source, "refused_illegal")
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
  } else if (sourceComponent.person.isIdentified && step.event.name !== "$merge_dangerously") {
    refuse(step, target, source, sourceComponent)
  } else merge(step, targetComponent, sourceComponent, target, source)
}

const mayMoveInto = (step: Step, source: Component): boolean =>
  !source.person.isIdentified ||
  step.identity.policy.identified_source_new_target === "attach" ||
  step.event.name === "$merge_dangerously"

/** Neither id has a person: one is created with both (P6). */
const create = (step: Step, target: DistinctId, source: DistinctId): void => {
  const person = bear(step, target, true)
  adopt(step, source, target, person.id, "created")
}

/** One id has a person: the other joins it (P7). */
const attach = (step: Step, added: DistinctId, via: DistinctId, component: Component): void => {
  adopt(step, added, via, component.id, "attached")
  alter(step, via, component.person, { isIdentified: true })
}

const adopt = (
  step: Step,
  added: DistinctId,
  via: DistinctId,
  component: Component["id"],
  outcome: LinkOutcome,
): void => {
  const { identity, position, event } = step
  step.changes.push({ _tag: "IdJoined", position, distinctId: added, via, component })
  const [target, source] = event.distinctId === added ? [added, via] : [via, added]
  const union = { loser: nextPersonId(identity, added), winner: component }
  step.changes.push({ _tag: "Linked", position, target, source, outcome, ...union })
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
  const { policy } = step.identity
  const [into, from] = [targetComponent.person, sourceComponent.person]
  const both = Object.assign(emptyObject(), from.properties, into.properties)
  const base =
    policy.merged_version === "target" ? into.version : Math.max(into.version, from.version)
  const person: Person.Person = {
    id: into.id,
    properties: operated(step, into.id, [both, into.properties]),
    isIdentified: true,
    createdAt: Math.min(into.createdAt, from.createdAt),
    version: base + 1,
  }
  const isTargetLarger = targetComponent.size >= sourceComponent.size
  const winner = (isTargetLarger ? targetComponent : sourceComponent).id
  const loser = (isTargetLarger ? sourceComponent : targetComponent).id
  const { position } = step
  const union = { target, source, winner, loser }
  step.changes.push({ _tag: "ComponentsJoined", position, ...union, person, gone: from.id })
  step.changes.push({ _tag: "Linked", position, ...union, outcome: "merged" })
}

const link = (step: Step, target: DistinctId, source: DistinctId, outcome: LinkOutcome): void => {
  step.changes.push({ _tag: "Linked", position: step.position, target, source, outcome })
}

/** Whatever comes of the event, its two ids can now reach each other in a what-if (DESIGN §6). */
const joinCones = (step: Step, target: DistinctId, source: DistinctId): void => {
  const [a, b] = [coneOf(step.identity, target), coneOf(step.identity, source)]
  if (a.id === b.id) return
  const [winner, loser] = a.size >= b.size ? [a.id, b.id] : [b.id, a.id]
  step.changes.push({ _tag: "ConesJoined", position: step.position, target, source, winner, loser })
}
