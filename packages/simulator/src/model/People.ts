/** Persons and ids in two arrays, searched from the front. */

import { createHash } from "node:crypto"
import * as Rules from "./Rules.ts"

export interface Person {
  readonly personId: string
  /** The id that a split leaves the person, and the line of its first event. */
  first: string
  since: number
  ids: ReadonlyArray<string>
  properties: ReadonlyMap<string, unknown>
  isIdentified: boolean
  createdAt: number
  version: number
}

/** An id whose person name is used up: its next person gets another name. */
interface UsedName {
  readonly id: string
  /** The number of names used up. */
  generation: number
}

export interface People {
  readonly project: string
  rules: Rules.Rules
  persons: ReadonlyArray<Person>
  readonly names: Array<UsedName>
  /** The current line. */
  line: number
  /** Ids of personless events. */
  personless: ReadonlyArray<string>
}

export type Warn = (type: string, details: Readonly<Record<string, unknown>>) => void

/** The wish to merge `source` into `target`. */
export interface Wish {
  readonly source: string
  readonly target: string
  /** True where identified persons merge, too. */
  readonly isDangerous: boolean
}

export interface Settled {
  readonly person: Person
  readonly outcome: "created" | "createdByMerge" | "merged" | "found"
}

const NAMESPACE = Buffer.from("932979b465c3442484670b66ec27bc22", "hex")

export const empty = (rules: Rules.Rules): People => ({
  project: "A",
  rules,
  persons: [],
  names: [],
  line: 0,
  personless: [],
})

export const find = (people: People, id: string): Person | undefined =>
  people.persons.find((person) => person.ids.includes(id))

/** The person id that a person founded by `id` would get now. */
export const nameOf = (people: People, id: string): string => {
  const generation = people.names.find((name) => name.id === id)?.generation ?? 0
  return uuid5(`${people.project}:${id}${generation === 0 ? "" : `#${generation}`}`)
}

/** The person of an id; creates it where there is none. */
export const plain = (people: People, id: string, at: number): Settled => {
  const person = find(people, id)
  if (person !== undefined) return { person, outcome: "found" }
  return { person: create(people, id, [id], at), outcome: "created" }
}

/** Checks a wish in the order of SPEC §2, then applies what the checks allow. */
export const settle = (people: People, wish: Wish, at: number, warn: Warn): Settled => {
  const { source, target } = wish
  if (source === target) return plain(people, target, at)
  const illegal = [target, source].find((id) => Rules.isIllegal(people.rules, id))
  if (illegal !== undefined) {
    const other = illegal === target ? source : target
    warn("cannot_merge_with_illegal_distinct_id", {
      illegalDistinctId: illegal,
      otherDistinctId: other,
    })
    return plain(people, target, at)
  }
  const settled = link(people, wish, at, warn)
  settled.person.isIdentified = true
  return settled
}

const link = (people: People, wish: Wish, at: number, warn: Warn): Settled => {
  const { source, target, isDangerous } = wish
  const from = find(people, source)
  const into = find(people, target)
  if (from === undefined && into === undefined) {
    // The source's name stands in earlier events already, so it needs no override (P19).
    const isSwapped =
      people.rules.personless_events &&
      people.personless.includes(source) &&
      !people.personless.includes(target)
    const ids = isSwapped ? [source, target] : [target, source]
    return { person: create(people, ids[0] ?? target, ids, at), outcome: "createdByMerge" }
  }
  if (from !== undefined && from === into) return { person: into, outcome: "found" }
  const mayRefuse = into !== undefined || people.rules.identified_source_new_target === "refuse"
  if (from?.isIdentified === true && mayRefuse && !isDangerous) {
    const details = { sourcePersonDistinctId: source, targetPersonDistinctId: target }
    warn("cannot_merge_already_identified", details)
    return plain(people, target, at)
  }
  if (from !== undefined && into !== undefined) {
    return { person: merge(people, from, into), outcome: "merged" }
  }
  const person = from ?? into ?? create(people, target, [], at)
  join(person, from === undefined ? source : target)
  return { person, outcome: "found" }
}

const merge = (people: People, from: Person, into: Person): Person => {
  const { merged_version } = people.rules
  // Where only a change counts, whoever merges looks at the person once all is done.
  if (merged_version === "target") into.version += 1
  if (merged_version === "highest") into.version = Math.max(from.version, into.version) + 1
  into.ids = [...into.ids, ...from.ids]
  into.properties = new Map([...from.properties, ...into.properties])
  into.createdAt = Math.min(from.createdAt, into.createdAt)
  const isFromFirst = from.since === into.since ? from.first < into.first : from.since < into.since
  if (isFromFirst) Object.assign(into, { first: from.first, since: from.since })
  people.persons = people.persons.filter((person) => person !== from)
  return into
}

const create = (
  people: People,
  founder: string,
  ids: ReadonlyArray<string>,
  createdAt: number,
): Person => {
  const person: Person = {
    personId: nameOf(people, founder),
    first: founder,
    since: people.line,
    ids: [],
    properties: new Map(),
    isIdentified: false,
    createdAt,
    version: 0,
  }
  people.persons = [...people.persons, person]
  for (const id of ids) join(person, id)
  return person
}

const join = (person: Person, id: string): void => {
  person.ids = [...person.ids, id]
}

/**
 * Splits a person (P56): each of the `chosen` ids, or of all, that does not stay gets a person of
 * its own.
 */
export const split = (
  people: People,
  person: Person,
  main: string | undefined,
  chosen: ReadonlyArray<string> | undefined,
  at: number,
): void => {
  if (main !== undefined && !person.ids.includes(main)) return
  const wanted = person.ids.filter((id) => chosen?.includes(id) ?? true)
  // One id has to stay: the main id, or else the id that was seen first.
  const staying = main ?? (wanted.length === person.ids.length ? person.first : undefined)
  const leaving = wanted.filter((id) => id !== staying)
  const isWiped = main === undefined && chosen === undefined && people.rules.split_wipes_properties
  if (isWiped && person.properties.size > 0) {
    person.properties = new Map()
    person.version += 1
  }
  person.ids = person.ids.filter((id) => !leaving.includes(id))
  if (!person.ids.includes(person.first))
    person.first = main ?? person.ids.toSorted()[0] ?? person.first
  for (const id of leaving) {
    if (nameOf(people, id) === person.personId) useUp(people, id)
    create(people, id, [id], at)
  }
}

/** Deletes a person; the next event of each of its ids founds a new person. */
export const remove = (people: People, person: Person): void => {
  people.persons = people.persons.filter((other) => other !== person)
  people.personless = people.personless.filter((id) => !person.ids.includes(id))
  for (const id of person.ids) useUp(people, id)
}

const useUp = (people: People, id: string): void => {
  const entry = people.names.find((name) => name.id === id)
  if (entry === undefined) people.names.push({ id, generation: 1 })
  else entry.generation += 1
}

const uuid5 = (name: string): string => {
  const bytes = createHash("sha1").update(NAMESPACE).update(name, "utf8").digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString("hex")
  const ends = [0, 8, 12, 16, 20, 32]
  return ends
    .slice(1)
    .map((end, index) => hex.slice(ends[index], end))
    .join("-")
}
