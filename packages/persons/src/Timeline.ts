import { Context } from "effect"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Counts } from "./rows/Activity.ts"
import type { Answer } from "./Persons.ts"

/** Which positions are counted, so many together: thousands at a time, or few positions in all. */
export interface ActivityQuestion {
  readonly project: ProjectId
  /** The first position, and the last one. */
  readonly from: Position
  readonly to: Position
  /** Positions that are counted together. */
  readonly size: number
}

/** What became true at some of these positions. */
export interface Bucket extends Counts {
  /** How many buckets come before. */
  readonly index: number
}

/** The kinds of changes that are told one by one. */
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

/** What became true at a position. */
export interface ChangeView {
  readonly position: Position
  readonly kind: ChangeKind
  /** Where its event lies, the first of several: before the position, where it had waited. */
  readonly event: Position
  readonly count: number
  /** How many properties of the source gave way in a merge. */
  readonly lost: number
}

/** Which changes are told: the next ones after a position, in order, or the last ones before it, newest first. */
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
  /** What comes after the merge that was decided by the event at this position. */
  readonly before?: Position
  /** As the log was up to this position. */
  readonly at?: Position
}

/** How many events wait now, and when the first of them is due. */
export interface WaitingCount {
  /** At most `waitingCountMax`. */
  readonly count: number
  /** Epoch milliseconds; undefined where none waits. */
  readonly oldestDue: number | undefined
}

/** More waiting events than this are not counted. */
export const waitingCountMax = 10_000

/** What happened along the log of a project, as a page draws it: counts, changes one by one, merges worth a look. */
export class Timeline extends Context.Service<
  Timeline,
  {
    /** Counts of what became true; buckets in which nothing did are left out. */
    readonly activity: (question: ActivityQuestion) => Answer<ReadonlyArray<Bucket>>
    /** Changes one by one, those of one position all or none: `limit`, and the rest of the last position's. */
    readonly changes: (question: ChangesQuestion) => Answer<ReadonlyArray<ChangeView>>
    /**
     * Merges in which values gave way, of two identified persons, or by an operator: those that lost most first,
     * and of those the newest.
     */
    readonly mergesWorthALook: (question: MergesQuestion) => Answer<ReadonlyArray<MergeView>>
    readonly waitingNow: (project: ProjectId) => Answer<WaitingCount>
  }
>()("@onymous/persons/Timeline") {}

/** Changes in the order asked, cut after `limit` and the rest of the last position's. */
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
