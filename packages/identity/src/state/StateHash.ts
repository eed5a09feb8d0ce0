import * as Bits128 from "../encoding/Bits128.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { canonical } from "../encoding/Json.ts"
import * as Murmur3 from "../encoding/Murmur3.ts"
import type { Person } from "./Person.ts"
import type { Waiting } from "./WaitingQueue.ts"
import type { Warning } from "./Warning.ts"

/**
 * A sum of hashes, 128 bits in four words that are each summed up alone: it tells whether two states are
 * equal, whatever order they were built in, and is kept by subtracting what goes and adding what comes.
 * It finds mistakes and decay, not an adversary who may choose the rows.
 */
export type StateHash = Bits128.Digest

/** The sum of nothing. */
export const zero: StateHash = Bits128.zero

/** The sum of two hashes. */
export const add = (a: StateHash, b: StateHash): StateHash => ({
  first: (a.first + b.first) | 0,
  second: (a.second + b.second) | 0,
  third: (a.third + b.third) | 0,
  fourth: (a.fourth + b.fourth) | 0,
})

/** What is left of a sum without one of its parts. */
export const subtract = (a: StateHash, b: StateHash): StateHash => ({
  first: (a.first - b.first) | 0,
  second: (a.second - b.second) | 0,
  third: (a.third - b.third) | 0,
  fourth: (a.fourth - b.fourth) | 0,
})

/** 32 hexadecimal digits. */
export const toText = (hash: StateHash): string => Bits128.toText(hash)

/** Reads what `toText` wrote. */
export const fromText = (text: string): StateHash => Bits128.fromText(text)

/** The share of one distinct id; a component's ids are the sum of theirs. */
export const ofDistinctId = (id: DistinctId): StateHash => Murmur3.of(`id ${id}`)

/** The share of a person with its distinct ids: a hash that is seeded with the sum of theirs. */
export const ofPerson = (person: Person, size: number, ids: StateHash): StateHash =>
  Murmur3.of(
    `person ${person.id} ${size} ${person.version} ${person.isIdentified} ${person.createdAt} ${canonical(person.properties)}`,
    ids,
  )

/** The same, with all its distinct ids at hand. */
export const ofWhole = (person: Person, distinctIds: ReadonlyArray<DistinctId>): StateHash =>
  ofPerson(person, distinctIds.length, distinctIds.map(ofDistinctId).reduce(add, zero))

/** The share of a warning. */
export const ofWarning = (warning: Warning): StateHash =>
  Murmur3.of(
    `warning ${warning.position} ${warning.type} ${warning.at} ${warning.eventUuid} ${canonical(warning.details)}`,
  )

/** The share of an event that waits. */
export const ofWaiting = ({ position, dueAt }: Pick<Waiting, "position" | "dueAt">): StateHash =>
  Murmur3.of(`waiting ${position} ${dueAt}`)
