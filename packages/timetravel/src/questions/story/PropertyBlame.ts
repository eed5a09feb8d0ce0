import type { Change } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Identity } from "@onymous/identity/Identity"
import * as Json from "@onymous/identity/encoding/Json"
import type { Person } from "@onymous/identity/state/Person"
import type { Position } from "@onymous/identity/event/Position"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { walk } from "./ChangeWalk.ts"
import type { History } from "../../history/History.ts"

/** An event that set a property's value or removed the property. */
export interface Setting {
  readonly position: Position
  readonly event: Recorded | undefined
  /** Undefined where the event removed the property. */
  readonly value: Json.Json | undefined
  /** The position of the merge in which another person's value won. */
  readonly lostAt: Position | undefined
}

/** What changed a person. */
type Cause = Pick<Setting, "position" | "event">

/** The settings of one person, latest first. */
interface Chain {
  readonly setting: Setting
  /** The settings before this one. */
  readonly earlier: Chain | undefined
  /** Where this one came by a merge, the other person's value, which gave way. */
  readonly lost: ReadonlyArray<Setting>
}

/** The settings of a key, for the person of each component. */
class Blame {
  readonly #key: string
  readonly #chains = new Map<ComponentId, Chain>()
  /** What deleted persons had, for the next person of each of their ids. */
  readonly #gone = new Map<DistinctId, Chain>()

  constructor(key: string) {
    this.#key = key
  }

  chainOf(component: ComponentId | undefined): Chain | undefined {
    return component === undefined ? undefined : this.#chains.get(component)
  }

  chainOfGone(id: DistinctId): Chain | undefined {
    return this.#gone.get(id)
  }

  /** The component's person has this form since a change; where it is new, its ids were another's before. */
  set(component: ComponentId, person: Person, { position, event }: Cause, before?: Chain) {
    const value = Json.get(person.properties, this.#key)
    const chain = since({ position, event, value, lostAt: undefined }, before)
    if (chain !== undefined) this.#chains.set(component, chain)
  }

  /** The component's person has another form since a change. */
  change(component: ComponentId, person: Person, cause: Cause): void {
    this.set(component, person, cause, this.chainOf(component))
  }

  /** The target's value holds where it has one, else the source's; what gives way is remembered (P9). */
  join(winner: ComponentId, target: ComponentId, source: ComponentId, position: Position): void {
    const [into, from] = [this.chainOf(target), this.chainOf(source)]
    this.#chains.delete(target)
    this.#chains.delete(source)
    const isTargets = into?.setting.value !== undefined
    const [kept, other] = isTargets ? [into, from] : [from ?? into, undefined]
    if (kept === undefined) return
    const gaveWay = other?.setting
    const isLost = gaveWay?.value !== undefined && !isSame(gaveWay.value, kept.setting.value)
    const lost = isLost ? [...kept.lost, { ...gaveWay, lostAt: position }] : kept.lost
    this.#chains.set(winner, { ...kept, lost })
  }

  leave(component: ComponentId): void {
    this.#chains.delete(component)
  }

  /** A person was deleted: of its value, each of its ids has the deletion as the end. */
  delete(component: ComponentId, ids: ReadonlyArray<DistinctId>, { position, event }: Cause): void {
    const chain = since(
      { position, event, value: undefined, lostAt: undefined },
      this.chainOf(component),
    )
    this.#chains.delete(component)
    if (chain !== undefined) for (const id of ids) this.#gone.set(id, chain)
  }
}

/** The chain with a setting as its latest, where it changes anything. */
const since = (setting: Setting, earlier: Chain | undefined): Chain | undefined =>
  isSame(earlier?.setting.value, setting.value) ? earlier : { setting, earlier, lost: [] }

const isSame = (a: Json.Json | undefined, b: Json.Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Json.equals(a, b)

const follow = (
  blame: Blame,
  change: Change,
  { components }: Identity,
  event: Recorded | undefined,
): void => {
  const cause = { position: change.position, event }
  switch (change._tag) {
    case "PersonBorn":
      return blame.set(change.person.id, change.person, cause, blame.chainOfGone(change.distinctId))
    case "PersonChanged": {
      const component = components.get(change.distinctId)
      return component && blame.change(component.id, change.person, cause)
    }
    case "ComponentsJoined": {
      const [into, from] = [components.get(change.target), components.get(change.source)]
      if (into === undefined || from === undefined) return
      blame.join(change.winner, into.id, from.id, change.position)
      return blame.change(change.winner, change.person, cause)
    }
    case "IdsSplitOff": {
      const left = blame.chainOf(change.component)
      for (const { component, person } of change.parts) blame.set(component, person, cause, left)
      return
    }
    case "PersonGone": {
      const ids = change.ids.map(({ distinctId }) => distinctId)
      return blame.delete(change.component, ids, cause)
    }
    case "ComponentsReplaced":
      for (const { id } of change.before) blame.leave(id)
      for (const { id, person } of change.after) blame.set(id, person, cause)
      return
    default:
  }
}

const flatten = (chain: Chain | undefined): ReadonlyArray<Setting> => {
  const settings: Array<Setting> = []
  for (let each = chain; each !== undefined; each = each.earlier) {
    settings.push(each.setting, ...each.lost)
  }
  return settings.toSorted((a, b) => b.position - a.position)
}

/**
 * The events that set a property of the person of an id, latest first: also before a merge, where the
 * value came with another person, and those whose value gave way in a merge (SPEC §8); and before a
 * split or a deletion, which removed it. Events that a retraction undid set nothing.
 */
export const settings = (
  history: History,
  id: DistinctId,
  key: string,
  at: Position = history.head,
): ReadonlyArray<Setting> => WorkInTurns.atOnce(settingsInTurns(history, id, key, at))

/** The same in turns: clients choose how often a property is set. */
export const settingsInTurns = function* (
  history: History,
  id: DistinctId,
  key: string,
  at: Position,
): WorkInTurns.Turns<ReadonlyArray<Setting>> {
  const effective = yield* history.effectiveInTurns(at)
  const blame = new Blame(key)
  yield* walk(effective, at, (change, identity, event) => {
    follow(blame, change, identity, event)
  })
  return flatten(blame.chainOf(effective.componentAt(id, at)) ?? blame.chainOfGone(id))
}
