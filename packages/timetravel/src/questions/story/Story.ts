import type { Change } from "@onymous/identity/state/Change"
import type { Component } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Identity } from "@onymous/identity/Identity"
import * as Json from "@onymous/identity/encoding/Json"
import type { Person } from "@onymous/identity/state/Person"
import type { Position } from "@onymous/identity/event/Position"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { walk } from "./ChangeWalk.ts"
import type { History } from "../../history/History.ts"

/** A property that differs: without `before` it is new, without `after` it is gone. */
export interface PropertyChange {
  readonly key: string
  readonly before?: Json.Json
  readonly after?: Json.Json
}

/** A person with the number of its distinct ids. */
export interface CountedPerson extends Person {
  readonly size: number
}

/** A change of the person of a distinct id, with the event that caused it. */
export interface Happening {
  readonly position: Position
  readonly event: Recorded | undefined
  readonly what: string
  /** The person of the id after the change; undefined where it has none. */
  readonly after: CountedPerson | undefined
  /** The distinct ids that joined the person, sorted; at the first change, the id itself is one. */
  readonly joined: ReadonlyArray<DistinctId>
  /** The distinct ids that left the person, sorted. */
  readonly left: ReadonlyArray<DistinctId>
  readonly properties: ReadonlyArray<PropertyChange>
}

/** The effect of a change on the person of an id. */
interface Effect {
  readonly what: string
  readonly after: CountedPerson | undefined
  readonly joined?: ReadonlyArray<DistinctId>
  readonly left?: ReadonlyArray<DistinctId>
}

const counted = (person: Person, size: number): CountedPerson => ({ ...person, size })

const personOf = (component: Component | undefined): CountedPerson | undefined =>
  component && counted(component.person, component.size)

type Of<Tag extends Change["_tag"]> = Extract<Change, { readonly _tag: Tag }>

/** The effect of a merge of components; `own` is the component of the id. */
const joined = (
  { components }: Identity,
  own: Component,
  { target, source, person }: Of<"ComponentsJoined">,
): Effect | undefined => {
  const [into, from] = [components.get(target), components.get(source)]
  if (into === undefined || from === undefined || (own !== into && own !== from)) return undefined
  const what = `${source} was merged into ${target}`
  const other = own === into ? from : into
  return { what, after: counted(person, own.size + other.size), joined: other.members }
}

/** The effect of a split, in which the id may stay or leave. */
const splitOff = (own: Component, { kept, parts }: Of<"IdsSplitOff">, id: DistinctId): Effect => {
  const leaving = parts.map(({ distinctId }) => distinctId)
  const what = `${leaving.join(", ")} split off from ${kept}`
  const part = parts.find(({ distinctId }) => distinctId === id)
  return part === undefined
    ? { what, after: counted(own.person, own.size - leaving.length), left: leaving }
    : { what, after: counted(part.person, 1), left: own.members.filter((each) => each !== id) }
}

/** The effect of a retraction on the component of the id. */
const replaced = (
  own: Component | undefined,
  { before, after }: Of<"ComponentsReplaced">,
  id: DistinctId,
): Effect | undefined => {
  const state = after.find(({ members }) => members.includes(id))
  const isOwn = own !== undefined && before.some((each) => each.id === own.id)
  if (!isOwn && state === undefined) return undefined
  const [old, young] = [new Set(own?.members ?? []), new Set(state?.members ?? [])]
  return {
    what: "put together anew by a retraction",
    after: state && counted(state.person, state.members.length),
    joined: [...young.difference(old)],
    left: [...old.difference(young)],
  }
}

/** The effect of a change on the person of an id; undefined where it is about other persons. */
const effectOn = (change: Change, identity: Identity, id: DistinctId): Effect | undefined => {
  const { components } = identity
  const own = components.get(id)
  switch (change._tag) {
    case "PersonBorn":
      if (change.distinctId !== id) return undefined
      return { what: `created with ${id}`, after: counted(change.person, 1), joined: [id] }
    case "IdJoined": {
      const via = components.get(change.via)
      if (via === undefined || (via !== own && change.distinctId !== id)) return undefined
      const what = `${change.distinctId} joined ${change.via}`
      const after = counted(via.person, via.size + 1)
      return { what, after, joined: via === own ? [change.distinctId] : [...via.members, id] }
    }
    case "ComponentsJoined":
      return own && joined(identity, own, change)
    case "PersonChanged":
      if (own === undefined || components.get(change.distinctId) !== own) return undefined
      return { what: "changed", after: counted(change.person, own.size) }
    case "IdsSplitOff":
      return own !== undefined && components.get(change.kept) === own
        ? splitOff(own, change, id)
        : undefined
    case "PersonGone":
      if (own === undefined || !change.ids.some(({ distinctId }) => distinctId === id)) {
        return undefined
      }
      return { what: "deleted", after: undefined, left: own.members }
    case "ComponentsReplaced":
      return replaced(own, change, id)
    case "Held":
      if (change.waiting.event.distinctId !== id) return undefined
      return { what: "an event waits", after: personOf(own) }
    case "SeenPersonless":
      if (change.distinctId !== id) return undefined
      return { what: `${id} was seen without a person`, after: personOf(own) }
    default:
      return undefined
  }
}

/** The properties that differ between two persons, in the order of their keys. */
const differing = (
  before: Person | undefined,
  after: Person | undefined,
): ReadonlyArray<PropertyChange> => {
  const [old, young] = [before?.properties ?? Json.empty, after?.properties ?? Json.empty]
  if (old === young) return []
  const keys = [...new Set([...Object.keys(old), ...Object.keys(young)])].toSorted()
  return keys.flatMap((key) => {
    const [was, is] = [Json.get(old, key), Json.get(young, key)]
    if (was !== undefined && is !== undefined && Json.equals(was, is)) return []
    return [
      { key, ...(was !== undefined && { before: was }), ...(is !== undefined && { after: is }) },
    ]
  })
}

/**
 * Every change of the person of an id up to a position, from the id's first event on, each with its cause, in order
 * (SPEC §8).
 */
export const story = (
  history: History,
  id: DistinctId,
  at: Position = history.head,
): ReadonlyArray<Happening> => WorkInTurns.atOnce(storyInTurns(history, id, at))

/** The same in turns, because clients choose how often a person changes. */
export const storyInTurns = function* (
  history: History,
  id: DistinctId,
  at: Position,
): WorkInTurns.Turns<ReadonlyArray<Happening>> {
  const happenings: Array<Happening> = []
  yield* walk(history, at, (change, identity, event) => {
    const effect = effectOn(change, identity, id)
    if (effect === undefined) return
    const { what, after, joined = [], left = [] } = effect
    const before = identity.components.get(id)?.person
    happenings.push({
      position: change.position,
      event,
      what,
      after,
      joined: joined.toSorted(),
      left: left.toSorted(),
      properties: differing(before, after),
    })
  })
  return happenings
}
