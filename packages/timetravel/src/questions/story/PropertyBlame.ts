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

  constructor(key: string) {
    this.#key = key
  }

  chainOf(component: ComponentId | undefined): Chain | undefined {
    return component === undefined ? undefined : this.#chains.get(component)
  }

  /** The component's person has this form since a change that an event caused. */
  set(component: ComponentId, person: Person, position: Position, event: Recorded | undefined) {
    const earlier = this.chainOf(component)
    const value = Json.get(person.properties, this.#key)
    if (isSame(earlier?.setting.value, value)) return
    const setting = { position, event, value, lostAt: undefined }
    this.#chains.set(component, { setting, earlier, lost: [] })
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
}

const isSame = (a: Json.Json | undefined, b: Json.Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Json.equals(a, b)

const follow = (
  blame: Blame,
  change: Change,
  { components }: Identity,
  event: Recorded | undefined,
): void => {
  const { position } = change
  switch (change._tag) {
    case "PersonBorn":
      return blame.set(change.person.id, change.person, position, event)
    case "PersonChanged": {
      const component = components.get(change.distinctId)
      return component && blame.set(component.id, change.person, position, event)
    }
    case "ComponentsJoined": {
      const [into, from] = [components.get(change.target), components.get(change.source)]
      if (into === undefined || from === undefined) return
      blame.join(change.winner, into.id, from.id, position)
      return blame.set(change.winner, change.person, position, event)
    }
    case "IdsSplitOff":
      for (const part of change.parts) blame.set(part.component, part.person, position, event)
      return
    case "PersonGone":
      return blame.leave(change.component)
    case "ComponentsReplaced":
      for (const { id } of change.before) blame.leave(id)
      for (const { id, person } of change.after) blame.set(id, person, position, event)
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
 * value came with another person, and those whose value gave way in a merge (SPEC §8). Events that a
 * retraction undid set nothing.
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
  return flatten(blame.chainOf(effective.componentAt(id, at)))
}
