import { Context } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Counts } from "./rows/Activity.ts"
import type { Answer } from "./Persons.ts"

/** A range of positions, counted in buckets of `size`; in a long range, `size` is a multiple of `Activity.blockSize`. */
export interface ActivityQuestion {
  readonly project: ProjectId
  /** The first position; `to` is the last one. */
  readonly from: Position
  readonly to: Position
  /** How many positions a bucket has. */
  readonly size: number
}

/** The counts of the changes at a bucket's positions. */
export interface Bucket extends Counts {
  /** The number of buckets before this one. */
  readonly index: number
}

/** The kinds of changes that a timeline lists one by one. */
export const changeKinds = [
  "born",
  "attached",
  "merged",
  "refused",
  "warned",
  "held",
  "released",
] as const

export type ChangeKind = (typeof changeKinds)[number]

/** The changes of one kind at a position. */
export interface ChangeView {
  readonly position: Position
  readonly kind: ChangeKind
  /** The position of the event that made the change, the first of several; an event that had waited lies earlier. */
  readonly event: Position
  readonly count: number
  /** How many properties of the source a merge has overwritten. */
  readonly lost: number
}

/** Which changes are listed: the next ones after a position, oldest first, or the last ones before it, newest first. */
export interface ChangesQuestion {
  readonly project: ProjectId
  readonly from: { readonly after: Position } | { readonly before: Position }
  readonly kinds: ReadonlySet<ChangeKind>
  readonly limit: number
}

/** A merge of two persons. */
export interface MergeView {
  readonly position: Position
  readonly event: Position
  readonly target: DistinctId
  readonly source: DistinctId
  readonly lost: number
  readonly areIdentified: boolean
  readonly isOperators: boolean
}

export interface MergesQuestion {
  readonly project: ProjectId
  readonly limit: number
  /** Only merges that follow, in this order, the merge by the event at this position. */
  readonly before?: Position
  /** Only merges up to this position. */
  readonly at?: Position
}

/** A text that is looked for in the values that persons held before. */
export interface FormerQuestion {
  readonly project: ProjectId
  readonly search: string
  readonly limit: number
}

/** A version of a person that has ended: it held from a position up to before another. */
export interface FormerView {
  readonly personId: PersonId
  readonly from: Position
  readonly to: Position
}

/** The number of waiting events, and the first due time. */
export interface WaitingCount {
  /** At most `waitingCountMax`. */
  readonly count: number
  /** Epoch milliseconds; undefined where none waits. */
  readonly oldestDue: number | undefined
}

/** Waiting events are counted up to this number. */
export const waitingCountMax = 10_000

/** The changes along the log of a project, as the page draws them: counts, single changes, and merges worth a look. */
export class Timeline extends Context.Service<
  Timeline,
  {
    /** The counts of changes by bucket; empty buckets are left out. */
    readonly activity: (question: ActivityQuestion) => Answer<ReadonlyArray<Bucket>>
    /**
     * Single changes. A page has `limit` of them, and the rest of those at its last position, because a cursor is a
     * position.
     */
    readonly changes: (question: ChangesQuestion) => Answer<ReadonlyArray<ChangeView>>
    /**
     * Merges that overwrote values, that were of two identified persons, or that an operator asked for: the most
     * overwritten values first, then the newest.
     */
    readonly mergesWorthALook: (question: MergesQuestion) => Answer<ReadonlyArray<MergeView>>
    /**
     * The last version of each person, among those that have ended, of which a value contains a text: those that ended
     * last first. It reads all versions.
     */
    readonly formerlyHeld: (question: FormerQuestion) => Answer<ReadonlyArray<FormerView>>
    readonly waitingNow: (project: ProjectId) => Answer<WaitingCount>
  }
>()("@onymous/persons/Timeline") {}

/** The page of changes that a question asks for: `limit` of them, and the rest of those at the last position. */
export const cut = (
  changes: ReadonlyArray<ChangeView>,
  { from, limit }: ChangesQuestion,
): ReadonlyArray<ChangeView> => {
  const direction = "after" in from ? 1 : -1
  const sorted = changes.toSorted(
    (a, b) =>
      direction * (a.position - b.position) ||
      changeKinds.indexOf(a.kind) - changeKinds.indexOf(b.kind),
  )
  const last = sorted[limit - 1]
  if (last === undefined) return sorted
  return sorted.filter(({ position }, index) => index < limit || position === last.position)
}
