import * as Bits128 from "../encoding/Bits128.ts"
import type { DistinctId } from "../event/DistinctId.ts"
import { canonical } from "../encoding/Json.ts"
import * as Murmur3 from "../encoding/Murmur3.ts"
import type { Person } from "./Person.ts"
import type { Waiting } from "./WaitingQueue.ts"
import type { Warning } from "./Warning.ts"

/**
 * A sum of hashes, 128 bits in four words that are added separately. Equal states have equal sums,
 * in whatever order they were built, and a change subtracts the old share and adds the new one.
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

/** A sum without one of its parts. */
export const subtract = (a: StateHash, b: StateHash): StateHash => ({
  first: (a.first - b.first) | 0,
  second: (a.second - b.second) | 0,
  third: (a.third - b.third) | 0,
  fourth: (a.fourth - b.fourth) | 0,
})

/** 32 hexadecimal digits. */
export const toText = (hash: StateHash): string => Bits128.toText(hash)

/** Reads the output of `toText`. */
export const fromText = (text: string): StateHash => Bits128.fromText(text)

/** The share of one distinct id; a component adds up those of its ids. */
export const ofDistinctId = (id: DistinctId): StateHash => Murmur3.of(`id ${id}`)

/** The share of a person: its hash, seeded with the sum of its distinct ids' hashes. */
export const ofPerson = (person: Person, size: number, ids: StateHash): StateHash =>
  Murmur3.of(
    `person ${person.id} ${size} ${person.version} ${person.isIdentified} ${person.createdAt} ${canonical(person.properties)}`,
    ids,
  )

/** The share of a person, computed from all its distinct ids. */
export const ofWhole = (person: Person, distinctIds: ReadonlyArray<DistinctId>): StateHash =>
  ofPerson(person, distinctIds.length, distinctIds.map(ofDistinctId).reduce(add, zero))

/** The share of a warning. */
export const ofWarning = (warning: Warning): StateHash =>
  Murmur3.of(
    `warning ${warning.position} ${warning.type} ${warning.at} ${warning.eventUuid} ${canonical(warning.details)}`,
  )

/** The share of a waiting event. */
export const ofWaiting = ({ position, dueAt }: Pick<Waiting, "position" | "dueAt">): StateHash =>
  Murmur3.of(`waiting ${position} ${dueAt}`)
