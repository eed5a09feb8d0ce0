import type { Change, ComponentState } from "../state/Change.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { asTick } from "./EffectiveLog.ts"
import type { Recorded } from "../event/Event.ts"
import * as Cones from "../state/Cones.ts"
import { canonical, equals } from "../encoding/Json.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import type { Component, ComponentId } from "../state/Component.ts"
import { components, copyOf, empty, generationOf, type Identity } from "../state/IdentityState.ts"
import { releaseAndStepAll } from "../rules/ReleaseAndStep.ts"
import * as WaitingQueue from "../state/WaitingQueue.ts"
import type { Warning } from "../state/Warning.ts"
import type { Past } from "./ConePast.ts"

/**
 * What a retraction changes: from its position on, the state is what it would have been without the
 * event that it undoes, or with it where it undoes a retraction (SPEC §8). `past` ends with it. Both are
 * folded in turns, and together up to the event that the retraction is about.
 */
export const retract = function* (
  project: ProjectId,
  { position }: Recorded,
  past: Past,
): Generator<undefined, ReadonlyArray<Change>> {
  const { turn, log, isUndone, policy } = past
  if (turn === undefined) return []
  const start = log.findIndex(({ event }) => event.uuid === turn.event.event.uuid)
  if (start < 0) throw new Error("The past of a retraction has the event that it is about.")
  const inForce = (part: ReadonlyArray<Recorded>) =>
    part.map((recorded) => (isUndone(recorded.event) ? asTick(recorded) : recorded))
  const identity = empty(project, policy)
  yield* releaseAndStepAll(identity, inForce(log.slice(0, start)))
  const rest = inForce(log.slice(start + 1))
  const [done, undone] = [
    [turn.event, ...rest],
    [asTick(turn.event), ...rest],
  ]
  const before = yield* folded(copyOf(identity), turn.isUndone ? done : undone)
  const after = yield* folded(identity, turn.isUndone ? undone : done)
  return [
    ...componentChanges(position, past, before, after),
    ...warningChanges(position, past, before, after),
    ...waitingChanges(position, past, before, after),
    ...noteChanges(position, past, before, after),
  ]
}

/** The identity that a log leads to, and the changes since the two logs differ. */
interface Folded {
  readonly identity: Identity
  readonly changes: ReadonlyArray<Change>
}

const folded = function* (
  identity: Identity,
  log: ReadonlyArray<Recorded>,
): Generator<undefined, Folded> {
  return { identity, changes: yield* releaseAndStepAll(identity, log) }
}

type Compare = (
  position: Position,
  past: Past,
  before: Folded,
  after: Folded,
) => ReadonlyArray<Change>

const stateOf = ({ id, person, members, first, firstSeen, joined }: Component): ComponentState => ({
  id,
  person,
  members: members.toSorted(),
  first,
  firstSeen,
  ...(joined && { joined }),
})

const componentsOf = ({ identity }: Folded, ids: ReadonlySet<DistinctId>) =>
  new Map(
    [...components(identity)]
      .filter(({ first }) => ids.has(first))
      .map((component) => [component.id, component]),
  )

/** True for a component that nothing moved since both were one: most need no look at their contents. */
const isUntouched = (a: Component, b: Component): boolean =>
  a.person === b.person &&
  a.joined === b.joined &&
  a.first === b.first &&
  a.firstSeen === b.firstSeen &&
  a.members.length === b.members.length &&
  a.members.every((member, index) => member === b.members[index])

const isSame = (a: Component, b: Component): boolean =>
  isUntouched(a, b) || textOf(stateOf(a)) === textOf(stateOf(b))

const textOf = ({ person, members, first, firstSeen, joined }: ComponentState): string => {
  const { id, properties, isIdentified, createdAt, version } = person
  return canonical([
    [id, properties, isIdentified, createdAt, version],
    [...members, first, firstSeen, joined?.since ?? null, joined?.count ?? null],
  ])
}

const componentChanges: Compare = (position, { ids }, before, after) => {
  const [old, young] = [componentsOf(before, ids), componentsOf(after, ids)]
  const same = new Set<ComponentId>()
  for (const [id, component] of old) {
    const other = young.get(id)
    if (other !== undefined && isSame(component, other)) same.add(id)
  }
  const differing = (all: ReadonlyMap<ComponentId, Component>) =>
    [...all.values()].filter(({ id }) => !same.has(id)).map(stateOf)
  const [gone, appeared] = [differing(old), differing(young)]
  if (gone.length === 0 && appeared.length === 0) return []
  return [
    { _tag: "ComponentsReplaced", position, before: gone, after: appeared },
    ...gone.flatMap(({ members }) => Cones.linkedToFirst(position, partedBy(after, members))),
  ]
}

/** One id of each component that the ids of another are in now; an id without one is alone. */
const partedBy = (
  { identity }: Folded,
  members: ReadonlyArray<DistinctId>,
): ReadonlyArray<DistinctId> => {
  const parts = new Map<Component | DistinctId, DistinctId>()
  for (const member of members) {
    const part = identity.components.get(member) ?? member
    if (!parts.has(part)) parts.set(part, member)
  }
  return [...parts.values()]
}

const warningsOf = ({ changes }: Folded): ReadonlyMap<Position, ReadonlyArray<Warning>> =>
  Map.groupBy(
    changes.flatMap((change) => (change._tag === "Warned" ? [change.warning] : [])),
    (warning) => warning.position,
  )

const areSame = (some: ReadonlyArray<Warning>, others: ReadonlyArray<Warning>): boolean =>
  some.length === others.length &&
  some.every(({ type, at, details }, index) => {
    const other = others[index]
    return type === other?.type && at === other.at && equals(details, other.details)
  })

/** An event's warnings stay as they are, or are all revoked and raised anew. */
const warningChanges: Compare = (position, past, before, after) => {
  const [old, young] = [warningsOf(before), warningsOf(after)]
  const ownPositions = new Set(
    past.log.flatMap(({ position: eventPosition, event }) =>
      "distinctId" in event && past.ids.has(event.distinctId) ? [eventPosition] : [],
    ),
  )
  const all = [...new Set([...old.keys(), ...young.keys()])].toSorted((a, b) => a - b)
  return all.flatMap((eventPosition): ReadonlyArray<Change> => {
    const [revoked = [], raised = []] = [old.get(eventPosition), young.get(eventPosition)]
    if (!ownPositions.has(eventPosition) || areSame(revoked, raised)) return []
    return [
      ...(revoked.length > 0
        ? [{ _tag: "WarningsRevoked" as const, position, event: eventPosition, warnings: revoked }]
        : []),
      ...raised.map((warning) => ({ _tag: "Warned" as const, position, warning })),
    ]
  })
}

const waitingChanges: Compare = (position, { ids }, before, after) => {
  const [old, young] = [before, after].map(({ identity }) => {
    const all = WaitingQueue.all(identity.waiting).filter(({ event }) => ids.has(event.distinctId))
    return new Map(all.map((each) => [each.position, each]))
  })
  const gone = [...(old?.values() ?? [])].filter((each) => young?.has(each.position) === false)
  const begun = [...(young?.values() ?? [])].filter((each) => old?.has(each.position) === false)
  return [
    ...gone.map((waiting) => {
      const personId = after.identity.components.get(waiting.event.distinctId)?.person.id
      return { _tag: "Unheld" as const, position, waiting, personId }
    }),
    ...begun.map((waiting) => ({ _tag: "Held" as const, position, waiting })),
  ]
}

/** What the state holds of ids beside their persons: personless uses, generations and refusals. */
const noteChanges: Compare = (position, { ids }, { identity: old }, { identity: young }) => {
  const changed: Array<readonly [DistinctId, ReadonlyArray<Change>]> = []
  for (const distinctId of ids) {
    const changes = noteChangesOf(position, distinctId, old, young)
    if (changes.length > 0) changed.push([distinctId, changes])
  }
  return changed.toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, changes]) => changes)
}

const noteChangesOf = (
  position: Position,
  distinctId: DistinctId,
  old: Identity,
  young: Identity,
): ReadonlyArray<Change> => {
  const changes: Array<Change> = []
  const wasPersonless = old.personless.has(distinctId)
  const isPersonless = young.personless.has(distinctId)
  if (wasPersonless && !isPersonless) {
    changes.push({ _tag: "PersonlessForgotten", position, distinctId })
  }
  if (isPersonless && !wasPersonless) {
    changes.push({ _tag: "SeenPersonless", position, distinctId })
  }
  const generation = generationOf(young, distinctId)
  const [goneBefore, goneAt] = [old.goneAt.get(distinctId), young.goneAt.get(distinctId)]
  if (generation !== generationOf(old, distinctId) || goneAt !== goneBefore) {
    changes.push({ _tag: "GenerationSet", position, distinctId, generation, goneAt })
  }
  const count = young.refusals.get(distinctId) ?? 0
  if (count !== (old.refusals.get(distinctId) ?? 0)) {
    changes.push({ _tag: "RefusalCounted", position, distinctId, count })
  }
  return changes
}
