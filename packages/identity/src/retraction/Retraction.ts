import type { Change, ComponentState } from "../state/Change.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { bothOf } from "./EffectiveLog.ts"
import type { Recorded } from "../event/Event.ts"
import * as Cones from "../state/Cones.ts"
import { canonical } from "../encoding/Json.ts"
import type { Position } from "../event/Position.ts"
import type { ProjectId } from "../event/ProjectId.ts"
import type { Component } from "../state/Component.ts"
import { components, generationOf } from "../state/IdentityState.ts"
import * as WaitingQueue from "../state/WaitingQueue.ts"
import type { Warning } from "../state/Warning.ts"
import { type Past, fold, type Folded } from "./ConePast.ts"

/**
 * What a retraction changes: from its position on, the state is what it would have been without the
 * event that it undoes, or with it where it undoes a retraction (SPEC §8). `past` ends with it.
 */
export const retract = (
  project: ProjectId,
  { position }: Recorded,
  past: Past,
): ReadonlyArray<Change> => {
  const [without, log] = bothOf(past.log)
  const [before, after] = [fold(project, past.policy, without), fold(project, past.policy, log)]
  return [
    ...componentChanges(position, past, before, after),
    ...warningChanges(position, past, before, after),
    ...waitingChanges(position, past, before, after),
    ...noteChanges(position, past, before, after),
  ]
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

const statesOf = ({ identity }: Folded, ids: ReadonlySet<DistinctId>) =>
  new Map(
    [...components(identity)]
      .filter(({ first }) => ids.has(first))
      .map((component) => [component.id, stateOf(component)]),
  )

const textOf = ({ person, members, first, firstSeen, joined }: ComponentState): string => {
  const { id, properties, isIdentified, createdAt, version } = person
  return canonical([
    [id, properties, isIdentified, createdAt, version],
    [...members, first, firstSeen, joined?.since ?? null, joined?.count ?? null],
  ])
}

const componentChanges: Compare = (position, { ids }, before, after) => {
  const [old, young] = [statesOf(before, ids), statesOf(after, ids)]
  const differsIn = (other: ReadonlyMap<string, ComponentState>) => (state: ComponentState) => {
    const same = other.get(state.id)
    return same === undefined || textOf(same) !== textOf(state)
  }
  const gone = [...old.values()].filter(differsIn(young))
  const appeared = [...young.values()].filter(differsIn(old))
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

const warningsText = (warnings: ReadonlyArray<Warning> | undefined): string =>
  canonical((warnings ?? []).map(({ type, at, details }) => [type, at, details]))

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
    if (!ownPositions.has(eventPosition) || warningsText(revoked) === warningsText(raised))
      return []
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
const noteChanges: Compare = (position, { ids }, { identity: old }, { identity: young }) =>
  [...ids].toSorted().flatMap((distinctId): ReadonlyArray<Change> => {
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
  })
