import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import type { Change, LinkOutcome } from "@onymous/identity/state/Change"
import { Position } from "@onymous/identity/event/Position"

/** How many positions a block has: a state hash is stored at the end of each. */
export const blockSize = 1000

/** The counts of the changes at some positions. */
export interface Counts {
  /** Ids that founded a person. */
  readonly born: number
  /** Ids that joined a person when they were first seen. */
  readonly attached: number
  /** Persons that became part of another. */
  readonly merged: number
  /** Merges that overwrote at least one property of the source. */
  readonly lost: number
  /** Merges that were refused. */
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

/** The counts of a block; `position` is its first one. */
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

/** Counts that are all 0. */
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

type Kinds = ReadonlyArray<Kind>

const nothing: Kinds = []
const refusal: Kinds = ["refused"]
const merge: Kinds = ["merged"]
const lossyMerge: Kinds = ["merged", "lost"]

const kindsOfLink = (outcome: LinkOutcome, lost: number): Kinds => {
  if (outcome === "merged") return lost > 0 ? lossyMerge : merge
  return MergeChecks.isRefusal(outcome) ? refusal : nothing
}

/** The counts that a change raises, by its tag; those of a link depend on its outcome. */
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

/** The counts that a change raises, which may be none. */
export const kindsOf = (change: Change): Kinds =>
  change._tag === "Linked"
    ? kindsOfLink(change.outcome, change.lost ?? 0)
    : (kindsByTag[change._tag] ?? nothing)

type OpenCounts = { -readonly [Each in Kind]: number }

/** The counts of a page's changes by block. */
export class Tally {
  readonly #blocks = new Map<Position, OpenCounts>()
  /** The block of the last change, kept because the next change is mostly in the same one. */
  #last = { from: 1, to: 0, counts: { ...none } }

  /** Counts a change. */
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

  /** The blocks that have counted changes. */
  get rows(): ReadonlyArray<Block> {
    return Array.from(this.#blocks, ([position, counts]) => ({ position, ...counts }))
  }
}
