import type { LinkOutcome } from "../../state/Change.ts"
import * as Cones from "../../state/Cones.ts"
import type { DistinctId } from "../../event/DistinctId.ts"
import { emptyObject, equals, type JsonObject } from "../../encoding/Json.ts"
import type { Person } from "../../state/Person.ts"
import { type Joined, joinedAfter } from "../../policy/JoinedCount.ts"
import * as MergeChecks from "../../policy/MergeChecks.ts"
import type { PersonId } from "../../state/PersonId.ts"
import type { Component } from "../../state/Component.ts"
import { type Identity, nextPersonId } from "../../state/IdentityState.ts"
import { type Step, warn } from "../EventStep.ts"
import { alter, bear, operated, ordinary } from "../properties/PersonUpdate.ts"

/** One of the two ids that an event names, as the checks look at it. */
class Side implements MergeChecks.Side {
  readonly distinctId: DistinctId
  readonly component: Component | undefined
  readonly #identity: Identity

  constructor(identity: Identity, distinctId: DistinctId) {
    this.distinctId = distinctId
    this.component = identity.components.get(distinctId)
    this.#identity = identity
  }

  get hasPerson(): boolean {
    return this.component !== undefined
  }

  get personId(): PersonId {
    return this.component?.person.id ?? nextPersonId(this.#identity, this.distinctId)
  }

  get isIdentified(): boolean {
    return this.component !== undefined && this.component.person.isIdentified
  }

  get size(): number {
    return this.component?.size ?? 1
  }

  get joined(): Joined | undefined {
    return this.component?.joined
  }

  get refusals(): number {
    return this.#identity.refusals.get(this.distinctId) ?? 0
  }
}

/** An event that asks to merge `source` into its distinct id: the checks are asked, and their verdict written. */
export const identify = (step: Step, source: DistinctId): void => {
  const { identity, isForced, recordedAt } = step
  const { policy } = identity
  const target = step.event.distinctId
  const ofTarget = new Side(identity, target)
  const ofSource = new Side(identity, source)
  const request = { policy, target, source, ofTarget, ofSource, isForced, recordedAt }
  const verdict = MergeChecks.judge(request)
  for (const { type, details } of verdict.warnings) warn(step, type, details)
  if (verdict.stoppedBy === undefined) unite(step, ofTarget, ofSource)
  else stop(step, source, verdict.stoppedBy)
}

/** What a check stops: the event stays with its target, as in every refusal (P9). */
const stop = (
  step: Step,
  source: DistinctId,
  { looksAt, outcome, isCounted, identifiesTarget }: MergeChecks.Listed,
): void => {
  const target = step.event.distinctId
  if (looksAt !== "ids") linkCones(step, target, source)
  if (outcome !== undefined) link(step, target, source, outcome)
  if (isCounted) countRefusal(step, [target, source])
  ordinary(step, identifiesTarget)
}

/** Counts a refusal of both ids, while a guard asks for that. */
const countRefusal = (step: Step, ids: ReadonlyArray<DistinctId>): void => {
  const { identity, position } = step
  if (identity.policy.guard_refusals_per_id === "off") return
  for (const distinctId of ids) {
    const count = (identity.refusals.get(distinctId) ?? 0) + 1
    step.changes.push({ _tag: "RefusalCounted", position, distinctId, count })
  }
}

/** What no check stops: two ids become one person's. */
const unite = (step: Step, target: Side, source: Side): void => {
  if (target.component === undefined) {
    if (source.component === undefined) create(step, target.distinctId, source.distinctId)
    else attach(step, target.distinctId, source.distinctId, source.component)
  } else if (source.component === undefined) {
    attach(step, source.distinctId, target.distinctId, target.component)
  } else {
    merge(step, target.component, source.component, target.distinctId, source.distinctId)
  }
}

/**
 * Neither id has a person: one is created with both (P6). It is the target's, unless only the source
 * was used without a person: then the events of both ids agree from the start (P19).
 */
const create = (step: Step, target: DistinctId, source: DistinctId): void => {
  const { personless, policy } = step.identity
  const isSources = policy.personless_events && personless.has(source) && !personless.has(target)
  const [founder, added] = isSources ? [source, target] : [target, source]
  const person = bear(step, founder, "createdByMerge", true)
  adopt(step, added, founder, { id: person.id, joined: undefined }, 2, "created")
}

/** One id has a person: the other joins it (P7). */
const attach = (step: Step, added: DistinctId, via: DistinctId, component: Component): void => {
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
  const { identity, position, eventPosition: event } = step
  const joined = joinedAfter(identity.policy, component.joined, count, step.recordedAt)
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

/** Two persons: the target survives, on whichever component is the larger one (P9, DESIGN §6). */
const merge = (
  step: Step,
  targetComponent: Component,
  sourceComponent: Component,
  target: DistinctId,
  source: DistinctId,
): void => {
  const [into, from] = [targetComponent.person, sourceComponent.person]
  const added = sourceComponent.size
  const { position, eventPosition: event, identity } = step
  const person = mergedPerson(step, into, from)
  const isTargetLarger = targetComponent.size >= sourceComponent.size
  const winner = (isTargetLarger ? targetComponent : sourceComponent).id
  const loser = (isTargetLarger ? sourceComponent : targetComponent).id
  const union = { target, source, winner, loser }
  const joined = joinedAfter(identity.policy, targetComponent.joined, added, step.recordedAt)
  step.changes.push({
    _tag: "ComponentsJoined",
    position,
    ...union,
    person,
    gone: from.id,
    ...(joined && { joined }),
  })
  step.changes.push({
    _tag: "Linked",
    position,
    event,
    ...union,
    outcome: "merged",
    lost: lostBy(from.properties, into.properties),
    areIdentified: into.isIdentified && from.isIdentified,
    isOperators: step.event._tag === "PersonsMerged",
  })
}

/** How many properties of the source give way, because the target has another value under the same key. */
const lostBy = (source: JsonObject, target: JsonObject): number => {
  let lost = 0
  // Without a list of the keys: every merge is looked at.
  for (const key in source) {
    if (Object.hasOwn(target, key) && !equals(source[key], target[key])) lost++
  }
  return lost
}

const mergedPerson = (step: Step, into: Person, from: Person): Person => {
  const { merged_version } = step.identity.policy
  const both = Object.assign(emptyObject(), from.properties, into.properties)
  const merged = {
    id: into.id,
    properties: operated(step, into.id, "merged", [both, into.properties]),
    isIdentified: true,
    createdAt: Math.min(into.createdAt, from.createdAt),
  }
  if (merged_version === "target_if_changed" && isUnchanged(into, merged)) return into
  const before = merged_version === "highest" ? Math.max(into.version, from.version) : into.version
  return { ...merged, version: before + 1 }
}

/** True where a merge leaves everything of its target but its ids as it was. */
const isUnchanged = (target: Person, merged: Omit<Person, "version">): boolean =>
  target.isIdentified &&
  target.createdAt === merged.createdAt &&
  equals(target.properties, merged.properties)

const link = (step: Step, target: DistinctId, source: DistinctId, outcome: LinkOutcome): void => {
  const { position, eventPosition: event } = step
  step.changes.push({ _tag: "Linked", position, event, target, source, outcome })
}

/** Two ids that an event named and did not unite can reach each other in a what-if all the same (DESIGN §6). */
export const linkCones = (step: Step, target: DistinctId, source: DistinctId): void => {
  const { components } = step.identity
  const component = components.get(target)
  if (component !== undefined && component === components.get(source)) return
  step.changes.push(Cones.linked(step.position, target, source))
}
