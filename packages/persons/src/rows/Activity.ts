import type { Change, LinkOutcome } from "@onymous/identity/state/Change"
import { Position } from "@onymous/identity/event/Position"

/** How many positions are counted together: those after which the state's hash is kept. */
export const blockSize = 1000

/** What is counted of the changes that became true at some positions. */
export interface Counts {
  /** Ids that founded a person. */
  readonly born: number
  /** Ids that joined a person as they came. */
  readonly attached: number
  /** Persons that became part of another. */
  readonly merged: number
  /** Of those, the ones of whose properties one at least gave way. */
  readonly lost: number
  /** Merges that were asked for and refused. */
  readonly refused: number
  readonly warned: number
  /** Persons split, deleted or regrouped by a retraction. */
  readonly apart: number
  /** Events that began to wait. */
  readonly held: number
  readonly released: number
  /** Versions of persons after the first. */
  readonly versions: number
}

/** The name of a count. */
export type Kind = keyof Counts

/** The counts of a thousand positions, from one on. */
export interface Block extends Counts {
  readonly position: Position
}

/** The sum of two counts. */
export const sum = <A extends Counts>(a: A, b: Counts): A => {
  const both = { ...a }
  const counts: OpenCounts = both
  for (const kind of kinds) counts[kind] += b[kind]
  return both
}

/** Counts of nothing. */
export const none: Counts = {
  born: 0,
  attached: 0,
  merged: 0,
  lost: 0,
  refused: 0,
  warned: 0,
  apart: 0,
  held: 0,
  released: 0,
  versions: 0,
}

/** The names of the counts, in their order. */
export const kinds: ReadonlyArray<Kind> = [
  "born",
  "attached",
  "merged",
  "lost",
  "refused",
  "warned",
  "apart",
  "held",
  "released",
  "versions",
]

/** The first position of the block that a position is in. */
export const blockOf = (position: number): Position =>
  Position(Math.max(0, Math.ceil(position / blockSize) - 1) * blockSize + 1)

/** True where a link's outcome is a refusal: two ids that are one person already are refused nothing. */
export const isRefusal = (outcome: string): boolean => outcome.startsWith("refused")

type Kinds = ReadonlyArray<Kind>

const nothing: Kinds = []
const refusal: Kinds = ["refused"]
const merge: Kinds = ["merged"]
const lossyMerge: Kinds = ["merged", "lost"]

const kindsOfLink = (outcome: LinkOutcome, lost: number): Kinds => {
  if (outcome === "merged") return lost > 0 ? lossyMerge : merge
  return isRefusal(outcome) ? refusal : nothing
}

/** What most changes count as, by their tags. */
const kindsByTag: Partial<Record<Change["_tag"], Kinds>> = {
  PersonBorn: ["born"],
  IdJoined: ["attached"],
  PersonChanged: ["versions"],
  Warned: ["warned"],
  IdsSplitOff: ["apart"],
  PersonGone: ["apart"],
  ComponentsReplaced: ["apart"],
  Held: ["held"],
  Released: ["released"],
  Unheld: ["released"],
}

/** What a change counts as; some count as nothing. */
export const kindsOf = (change: Change): Kinds =>
  change._tag === "Linked"
    ? kindsOfLink(change.outcome, change.lost ?? 0)
    : (kindsByTag[change._tag] ?? nothing)

type OpenCounts = { -readonly [Each in Kind]: number }

/** Counts of changes, block by block. */
export class Tally {
  readonly #blocks = new Map<Position, OpenCounts>()
  /** The block that was counted in last: most changes are in the one of the change before. */
  #last = { from: 1, to: 0, counts: { ...none } }

  /** Counts a change; most count as one thing at most. */
  count(change: Change): void {
    const counted = kindsOf(change)
    if (counted.length === 0) return
    const { position } = change
    if (position < this.#last.from || position > this.#last.to) this.#open(position)
    for (const kind of counted) this.#last.counts[kind]++
  }

  #open(position: Position): void {
    const from = blockOf(position)
    const counts = this.#blocks.get(from) ?? { ...none }
    this.#blocks.set(from, counts)
    this.#last = { from, to: from + blockSize - 1, counts }
  }

  /** The blocks in which something was counted. */
  get rows(): ReadonlyArray<Block> {
    return Array.from(this.#blocks, ([position, counts]) => ({ position, ...counts }))
  }
}
