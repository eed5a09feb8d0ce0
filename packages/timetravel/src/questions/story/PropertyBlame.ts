import type { Change } from "@onymous/identity/state/Change"
import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Recorded } from "@onymous/identity/event/Event"
import type { Identity } from "@onymous/identity/Identity"
import * as Json from "@onymous/identity/encoding/Json"
import type { Person } from "@onymous/identity/state/Person"
import { countUpTo, type Position } from "@onymous/identity/event/Position"
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

/** The event that changed a person. */
type Cause = Pick<Setting, "position" | "event">

/** The settings of one person, latest first. */
interface Chain {
  readonly setting: Setting
  /** The settings before this one. */
  readonly earlier: Chain | undefined
  /** Where this one came by a merge, what gave way. */
  readonly lost: Lost | undefined
}

/** The other persons' values that gave way to one, the last one first: shared, since there may be very many. */
interface Lost {
  readonly setting: Setting
  readonly before: Lost | undefined
}

/** The chain of a person from a change on; none where it is gone. */
interface Stretch {
  readonly position: Position
  readonly chain: Chain | undefined
}

/** The settings of a key, for the person of each component, at every position of a walk. */
export class Blame {
  readonly #key: string
  readonly #chains = new Map<ComponentId, Array<Stretch>>()
  /** What deleted persons had, for the next person of each of their ids. */
  readonly #gone = new Map<DistinctId, Array<Stretch>>()

  constructor(key: string) {
    this.#key = key
  }

  /** The settings of the person of an id, latest first, at a position up to which the walk went. */
  settingsAt(history: History, id: DistinctId, at: number): ReadonlyArray<Setting> {
    const component = history.componentAt(id, at)
    const own = component && chainAt(this.#chains.get(component), at)
    return flatten(own ?? chainAt(this.#gone.get(id), at))
  }

  #chainOf(component: ComponentId): Chain | undefined {
    return this.#chains.get(component)?.at(-1)?.chain
  }

  /** The component's person has this form since a change; where it is new, its ids were another's before. */
  #set(component: ComponentId, person: Person, { position, event }: Cause, before?: Chain) {
    const value = Json.get(person.properties, this.#key)
    const chain = since({ position, event, value, lostAt: undefined }, before)
    if (chain !== undefined) push(this.#chains, component, { position, chain })
  }

  #leave(component: ComponentId, position: Position): void {
    if (this.#chains.has(component)) push(this.#chains, component, { position, chain: undefined })
  }

  /** The target's value holds where it has one, else the source's; what gives way is remembered (P9). */
  #join(winner: ComponentId, target: ComponentId, source: ComponentId, position: Position): void {
    const [into, from] = [this.#chainOf(target), this.#chainOf(source)]
    this.#leave(target, position)
    this.#leave(source, position)
    const isTargets = into?.setting.value !== undefined
    const [kept, other] = isTargets ? [into, from] : [from ?? into, undefined]
    if (kept === undefined) return
    const gaveWay = other?.setting
    const isLost = gaveWay?.value !== undefined && !isSame(gaveWay.value, kept.setting.value)
    const lost = isLost
      ? { setting: { ...gaveWay, lostAt: position }, before: kept.lost }
      : kept.lost
    push(this.#chains, winner, { position, chain: { ...kept, lost } })
  }

  /** A person was deleted: of its value, each of its ids has the deletion as the end. */
  #delete(component: ComponentId, ids: ReadonlyArray<DistinctId>, { position, event }: Cause) {
    const chain = since(
      { position, event, value: undefined, lostAt: undefined },
      this.#chainOf(component),
    )
    this.#leave(component, position)
    if (chain !== undefined) for (const id of ids) push(this.#gone, id, { position, chain })
  }

  /** Follows a change, before the components are what it makes of them. */
  follow(change: Change, { components }: Identity, event: Recorded | undefined): void {
    const cause = { position: change.position, event }
    switch (change._tag) {
      case "PersonBorn": {
        const before = this.#gone.get(change.distinctId)?.at(-1)?.chain
        return this.#set(change.person.id, change.person, cause, before)
      }
      case "PersonChanged": {
        const id = components.get(change.distinctId)?.id
        return id && this.#set(id, change.person, cause, this.#chainOf(id))
      }
      case "ComponentsJoined": {
        const [into, from] = [components.get(change.target), components.get(change.source)]
        if (into === undefined || from === undefined) return
        const { winner, person } = change
        this.#join(winner, into.id, from.id, change.position)
        return this.#set(winner, person, cause, this.#chainOf(winner))
      }
      case "IdsSplitOff": {
        const left = this.#chainOf(change.component)
        for (const { component, person } of change.parts) this.#set(component, person, cause, left)
        return
      }
      case "PersonGone": {
        const ids = change.ids.map(({ distinctId }) => distinctId)
        return this.#delete(change.component, ids, cause)
      }
      case "ComponentsReplaced":
        for (const { id } of change.before) this.#leave(id, change.position)
        for (const { id, person } of change.after) this.#set(id, person, cause)
        return
      default:
    }
  }
}

const push = <K>(stretches: Map<K, Array<Stretch>>, key: K, stretch: Stretch): void => {
  const known = stretches.get(key)
  if (known === undefined) stretches.set(key, [stretch])
  // What two changes of one position come to is what the last of them does.
  else if (known.at(-1)?.position === stretch.position) known[known.length - 1] = stretch
  else known.push(stretch)
}

const chainAt = (stretches: ReadonlyArray<Stretch> = [], at: number): Chain | undefined =>
  stretches[countUpTo(stretches, at) - 1]?.chain

/** The chain with a setting as its latest, where it changes anything. */
const since = (setting: Setting, earlier: Chain | undefined): Chain | undefined =>
  isSame(earlier?.setting.value, setting.value) ? earlier : { setting, earlier, lost: undefined }

const isSame = (a: Json.Json | undefined, b: Json.Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : Json.equals(a, b)

const flatten = (chain: Chain | undefined): ReadonlyArray<Setting> => {
  const settings: Array<Setting> = []
  for (let each = chain; each !== undefined; each = each.earlier) {
    settings.push(each.setting)
    for (let lost = each.lost; lost !== undefined; lost = lost.before) settings.push(lost.setting)
  }
  return settings.toSorted((a, b) => b.position - a.position)
}

/**
 * The events that set a property of the person of an id, latest first (SPEC §8). They include settings of persons that
 * were merged into it, overwritten ones among them, and settings before a split or a deletion, which removed the
 * value. Retracted events are left out.
 */
export const settings = (
  history: History,
  id: DistinctId,
  key: string,
  at: Position = history.head,
): ReadonlyArray<Setting> => WorkInTurns.atOnce(settingsInTurns(history, id, key, at))

/** The same in turns, because clients choose how often a property is set. */
export const settingsInTurns = function* (
  history: History,
  id: DistinctId,
  key: string,
  at: Position,
): WorkInTurns.Turns<ReadonlyArray<Setting>> {
  const effective = yield* history.effectiveInTurns(at)
  const [blame] = yield* blamesInTurns(effective, [key], at)
  return blame?.settingsAt(effective, id, at) ?? []
}

const blamesInTurns = function* (
  history: History,
  keys: ReadonlyArray<string>,
  at: Position,
): WorkInTurns.Turns<ReadonlyArray<Blame>> {
  const found = keys.map((key) => new Blame(key))
  yield* walk(history, at, (change, identity, event) => {
    for (const blame of found) blame.follow(change, identity, event)
  })
  return found
}

/** Who set some keys, at every position of a history without retractions: one walk for all of them. */
export const blames = (history: History, keys: ReadonlyArray<string>): ReadonlyArray<Blame> =>
  WorkInTurns.atOnce(blamesInTurns(history, keys, history.head))
