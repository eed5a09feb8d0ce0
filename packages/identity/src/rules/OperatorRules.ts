import type { Change, SplitPart } from "../state/Change.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import type { Event } from "../event/Event.ts"
import type {
  Operation,
  PersonDeleted,
  PersonEdited,
  PersonsMerged,
  PersonSplit,
} from "../event/OperatorCommand.ts"
import type { Invalid } from "../encoding/Invalid.ts"
import { emptyObject } from "../encoding/Json.ts"
import * as PersonId from "../state/PersonId.ts"
import type { Position } from "../event/Position.ts"
import type { Component } from "../state/Component.ts"
import { generationOf, type Identity } from "../state/IdentityState.ts"
import type { Step } from "./EventStep.ts"
import * as Cones from "../state/Cones.ts"
import { identify, linkCones } from "./merging/Merge.ts"
import { alter } from "./properties/PersonUpdate.ts"

interface At {
  readonly position: Position
  readonly recordedAt: number
}

/** What an operator's act changes. */
export const operate = (identity: Identity, event: Operation, at: At): ReadonlyArray<Change> => {
  switch (event._tag) {
    case "PersonSplit":
      return split(identity, event, at)
    case "PersonDeleted":
      return remove(identity, event, at)
    case "PersonEdited":
      return edit(identity, event, at)
    case "PersonsMerged":
      return merge(identity, event, at)
    // It needs more than the state: `fold` sees to it.
    case "Retracted":
      return []
  }
}

/** True for an event that may take persons apart: it needs all their distinct ids, not only those it names. */
export const needsWhole = ({ _tag }: Event): boolean =>
  _tag === "PersonSplit" || _tag === "PersonDeleted" || _tag === "Retracted"

/** The person that a distinct id leads to, as far as an act can be in vain. */
interface Named {
  readonly id: PersonId.PersonId
  readonly distinctIds: ReadonlyArray<DistinctId>
}

/** Why an act upon the persons that it names would leave everything as it is. */
export const inVain = (
  event: Operation,
  [person, source]: ReadonlyArray<Named>,
): Invalid | undefined => {
  if (event._tag === "PersonsMerged" && person?.id === source?.id) {
    return { field: "alias", expected: "an id of another person: these two are one" }
  }
  if (event._tag !== "PersonSplit" || person === undefined) return undefined
  const { mainDistinctId: main, only = [] } = event
  const ids = new Set(person.distinctIds)
  const has = (id: DistinctId) => ids.has(id)
  if (main !== undefined && !has(main)) {
    return { field: "main_distinct_id", expected: "a distinct id of the person" }
  }
  const field = "distinct_ids_to_split"
  if (!only.every(has)) return { field, expected: "distinct ids of the person" }
  return only.length > 0 && only.every((id) => id === main)
    ? { field, expected: "another id than main_distinct_id" }
    : undefined
}

/** Which ids leave, and which one is the first of those that stay; none where the split asks for nothing. */
const dividing = (component: Component, event: PersonSplit) => {
  const { mainDistinctId, only } = event
  if (mainDistinctId !== undefined && !component.members.includes(mainDistinctId)) return undefined
  const main = mainDistinctId ?? component.first
  const wanted = only && new Set(only)
  const leaves = (id: DistinctId) => wanted === undefined || wanted.has(id)
  const sorted = component.members.toSorted()
  const stayOtherwise = sorted.filter((id) => !leaves(id))
  // Somebody has to stay: the main id, where all are asked to leave.
  const staying =
    mainDistinctId === undefined && stayOtherwise.length > 0
      ? stayOtherwise
      : [main, ...stayOtherwise]
  const kept = new Set(staying)
  const leaving = sorted.filter((id) => !kept.has(id))
  const [smallest = main] = staying
  return { leaving, first: kept.has(component.first) ? component.first : smallest }
}

/**
 * Every distinct id but the main one moves to a new person of its own, empty and not identified; the
 * main one keeps the person. Without a main id the first stays, and policies differ on whether it
 * keeps its properties (P56).
 */
const split = (identity: Identity, event: PersonSplit, at: At): ReadonlyArray<Change> => {
  const component = identity.components.get(event.distinctId)
  const divided = component && dividing(component, event)
  if (component === undefined || divided === undefined) return []
  const { position } = at
  const { leaving, first } = divided
  const { person } = component
  const isWiped =
    identity.policy.split_wipes_properties &&
    event.mainDistinctId === undefined &&
    event.only === undefined &&
    Object.keys(person.properties).length > 0
  const parts = leaving.map((id): SplitPart => partOf(identity, id, component, at))
  return [
    ...(isWiped
      ? [
          {
            _tag: "PersonChanged" as const,
            position,
            distinctId: first,
            person: { ...person, properties: emptyObject(), version: person.version + 1 },
          },
        ]
      : []),
    ...(parts.length > 0
      ? [
          {
            _tag: "IdsSplitOff" as const,
            position,
            component: component.id,
            kept: first,
            first,
            parts,
          },
          ...Cones.linkedToFirst(position, [first, ...leaving]),
        ]
      : []),
  ]
}

const partOf = (
  identity: Identity,
  distinctId: DistinctId,
  { person: left }: Component,
  { position, recordedAt }: At,
): SplitPart => {
  const { project } = identity
  const before = generationOf(identity, distinctId)
  // A person cannot be in two places: an id that leaves its own person founds the next one.
  const isOwn = left.id === PersonId.of(project, distinctId, before)
  const generation = isOwn ? before + 1 : before
  return {
    distinctId,
    component: PersonId.ofSplit(project, distinctId, position),
    generation,
    person: {
      id: PersonId.of(project, distinctId, generation),
      properties: emptyObject(),
      isIdentified: false,
      createdAt: recordedAt,
      version: 0,
    },
  }
}

/** The person is gone, and each of its ids starts afresh when it is seen again (SPEC §8, P55). */
const remove = (
  identity: Identity,
  event: PersonDeleted,
  { position }: At,
): ReadonlyArray<Change> => {
  const component = identity.components.get(event.distinctId)
  if (component === undefined) return []
  const ids = component.members
    .toSorted()
    .map((distinctId) => ({ distinctId, generation: generationOf(identity, distinctId) + 1 }))
  return [
    { _tag: "PersonGone", position, component: component.id, personId: component.person.id, ids },
    ...Cones.linkedToFirst(
      position,
      ids.map(({ distinctId }) => distinctId),
    ),
  ]
}

/** The person's properties are set and unset (P57). */
const edit = (identity: Identity, event: PersonEdited, at: At): ReadonlyArray<Change> => {
  const component = identity.components.get(event.distinctId)
  if (component === undefined) return []
  const step = stepOf(identity, event, at)
  alter(step, event.distinctId, component.person, { isIdentified: false })
  return step.changes
}

/** Two persons become one, whatever is identified; where there are not two, nothing happens (SPEC §8). */
const merge = (identity: Identity, event: PersonsMerged, at: At): ReadonlyArray<Change> => {
  const { distinctId, source } = event
  if (source === distinctId) return []
  const step = stepOf(identity, event, at)
  const isPossible = identity.components.has(distinctId) && identity.components.has(source)
  if (isPossible) identify(step, source)
  // In another past these persons could be there: what an operator names is always one cone.
  const isOne = step.changes.some(
    ({ _tag }) => _tag === "ComponentsJoined" || _tag === "ConesLinked",
  )
  if (!isOne) linkCones(step, distinctId, source)
  return step.changes
}

/** An operator's act is about the time at which the log took it, and nothing identified stops it. */
const stepOf = (identity: Identity, event: Step["event"], { position, recordedAt }: At): Step => ({
  identity,
  event,
  eventPosition: position,
  position,
  recordedAt,
  at: recordedAt,
  isForced: true,
  changes: [],
})
