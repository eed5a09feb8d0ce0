import { hash as digestOf } from "node:crypto"
import type { DistinctId } from "./DistinctId.ts"
import { canonical } from "./Json.ts"
import type { Person } from "./Person.ts"
import type { Waiting } from "./Waiting.ts"
import type { Warning } from "./Warning.ts"

/**
 * A 128-bit sum of hashes: it tells whether two states are equal, whatever order they were built in,
 * and is kept by subtracting what goes and adding what comes. It finds mistakes and decay, not an
 * adversary who may choose the rows.
 */
export type StateHash = bigint

const bits = 128

/** The first 128 bits of a digest. */
const hash = (text: string): StateHash =>
  fromText(digestOf("sha256", text, "hex").slice(0, bits / 4))

/** The sum of two hashes. */
export const add = (a: StateHash, b: StateHash): StateHash => BigInt.asUintN(bits, a + b)

/** What is left of a sum without one of its parts. */
export const subtract = (a: StateHash, b: StateHash): StateHash => BigInt.asUintN(bits, a - b)

/** 32 hexadecimal digits. */
export const toText = (value: StateHash): string => value.toString(16).padStart(bits / 4, "0")

/** Reads what `toText` wrote. */
export const fromText = (text: string): StateHash => BigInt(`0x${text}`)

/** The share of one distinct id; a component's ids are the sum of theirs. */
export const ofDistinctId = (id: DistinctId): StateHash => hash(`id ${id}`)

/** The share of a person with its distinct ids: the sum of theirs, or the only one itself. */
export const ofPerson = (person: Person, size: number, ids: StateHash | DistinctId): StateHash =>
  hash(
    `person ${person.id} ${size} ${typeof ids === "bigint" ? toText(ids) : ids} ${person.version} ${person.isIdentified} ${person.createdAt} ${canonical(person.properties)}`,
  )

/** The same, with all its distinct ids at hand. */
export const ofWhole = (person: Person, distinctIds: ReadonlyArray<DistinctId>): StateHash => {
  const [only] = distinctIds
  const ids =
    distinctIds.length === 1 && only !== undefined
      ? only
      : distinctIds.map(ofDistinctId).reduce(add, 0n)
  return ofPerson(person, distinctIds.length, ids)
}

/** The share of a warning. */
export const ofWarning = (warning: Warning): StateHash =>
  hash(
    `warning ${warning.position} ${warning.type} ${warning.at} ${warning.eventUuid} ${canonical(warning.details)}`,
  )

/** The share of an event that waits. */
export const ofWaiting = ({ position, dueAt }: Pick<Waiting, "position" | "dueAt">): StateHash =>
  hash(`waiting ${position} ${dueAt}`)
