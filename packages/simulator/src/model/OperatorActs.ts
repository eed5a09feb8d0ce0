/** The acts of operators, as data: how often a random log has each, with which body, and how the model carries it out. */

import * as EventEffect from "./EventEffect.ts"
import * as People from "./People.ts"
import * as PlainJson from "./PlainJson.ts"
import * as VersionCount from "./VersionCount.ts"
import * as RandomEvents from "../chance/RandomEvents.ts"
import { below, pick, type Random } from "../chance/RandomEvents.ts"

type Command = PlainJson.Bag

/** What an act is carried out on: the person that its id leads to, the time, and the world around. */
interface Scene {
  readonly people: People.People
  readonly person: People.Person
  /** The distinct id that the command names. */
  readonly id: string
  readonly now: number
  readonly warn: People.Warn
  /** Makes the past events of ids nobody's. */
  readonly forget: (ids: ReadonlyArray<string>) => void
}

interface Act {
  /** How often random logs have it, beside the shares of the others. */
  readonly share: number
  /** The fields of a random command beside `api` and `distinct_id`. */
  readonly random: (next: Random, distinctId: string) => Command
  readonly carryOut: (scene: Scene, command: Command) => void
}

const split: Act = {
  share: 35,
  random: (next) => {
    const ids = Array.from({ length: 1 + below(next, 3) }, () => RandomEvents.id(next))
    return {
      ...(next() < 0.5 ? { main_distinct_id: RandomEvents.id(next) } : {}),
      ...(next() < 0.3 ? { distinct_ids_to_split: ids } : {}),
    }
  },
  carryOut: ({ people, person, now }, command) => {
    const main = PlainJson.get(command, "main_distinct_id")
    const chosen = PlainJson.get(command, "distinct_ids_to_split")
    const mainId = PlainJson.isGiven(main) ? PlainJson.idOf(main) : undefined
    const ids = Array.isArray(chosen) ? chosen.map(PlainJson.idOf) : undefined
    People.split(people, person, mainId, ids, now)
  },
}

const remove: Act = {
  share: 20,
  random: () => ({}),
  carryOut: ({ people, person, forget }) => {
    forget(person.ids)
    People.remove(people, person)
  },
}

const merge: Act = {
  share: 20,
  random: (next, distinctId) => {
    const other = RandomEvents.id(next)
    const isSame = PlainJson.cleanText(other) === PlainJson.cleanText(distinctId)
    return { alias: isSame ? `${other} too` : other, reason: "one and the same", by: "ann" }
  },
  carryOut: ({ people, id, now, warn }, command) => {
    const source = PlainJson.idOf(PlainJson.get(command, "alias"))
    if (People.find(people, source) === undefined) return
    const before = VersionCount.copies(people)
    const wish = { source, target: id, isDangerous: true }
    const { outcome, person } = People.settle(people, wish, now, warn)
    VersionCount.count(people, outcome, before.get(person), person)
  },
}

const patch: Act = {
  share: 15,
  random: (next) => {
    const keys = RandomEvents.keys(next).map((key) => [key, pick(next, RandomEvents.VALUES)])
    return { properties: Object.fromEntries(keys) }
  },
  carryOut: ({ people, id, now, warn }, command) => {
    const $set = PlainJson.clean(PlainJson.get(command, "properties"))
    EventEffect.apply(people, { event: "$set", properties: { $set } }, now, id, warn)
  },
}

const deleteProperty: Act = {
  share: 10,
  random: (next) => ({ $unset: ["a", ...RandomEvents.keys(next)] }),
  carryOut: ({ people, id, now, warn }, command) => {
    const properties = { $unset: PlainJson.get(command, "$unset") }
    EventEffect.apply(people, { event: "$delete_person_property", properties }, now, id, warn)
  },
}

const acts: Readonly<Record<string, Act>> = {
  "persons.split": split,
  "persons.delete": remove,
  "persons.merge": merge,
  "persons.patch": patch,
  "persons.delete_property": deleteProperty,
}

/** Carries out a command; one about an id without a person does nothing. */
export const carryOut = (
  people: People.People,
  command: Command,
  scene: Pick<Scene, "now" | "warn" | "forget">,
): void => {
  const id = PlainJson.idOf(PlainJson.get(command, "distinct_id"))
  const person = People.find(people, id)
  const act = acts[String(PlainJson.get(command, "api"))]
  if (person !== undefined) act?.carryOut({ ...scene, people, person, id }, command)
}

const allShares = Object.values(acts).reduce((sum, { share }) => sum + share, 0)

/** A random command. */
export const random = (next: Random): Command => {
  const distinct_id = RandomEvents.id(next)
  let left = next() * allShares
  for (const [api, act] of Object.entries(acts)) {
    left -= act.share
    if (left < 0) return { api, distinct_id, ...act.random(next, distinct_id) }
  }
  throw new Error("There is no act.")
}
