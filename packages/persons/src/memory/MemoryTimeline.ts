import { Position } from "@onymous/identity/event/Position"
import * as MergeChecks from "@onymous/identity/policy/MergeChecks"
import * as TextSearch from "../reading/TextSearch.ts"
import * as Activity from "../rows/Activity.ts"
import type { LinkRow } from "../rows/RowChanges.ts"
import {
  type ActivityQuestion,
  type Bucket,
  type ChangeKind,
  type ChangesQuestion,
  type ChangeView,
  cut,
  type FormerQuestion,
  type FormerView,
  type MergesQuestion,
  type MergeView,
  type WaitingCount,
  waitingCountMax,
} from "../Timeline.ts"
import type { Tables } from "./MemoryTables.ts"

/** A single change at its position: `changes` lists them, and `activity` counts them where a range is short. */
interface Single {
  readonly position: Position
  readonly kind: ChangeKind
  readonly event: Position
  readonly lost: number
}

const singlesOfLink = ({ position, event, outcome, lost }: LinkRow): ReadonlyArray<Single> => {
  const kind = kindOfLink(outcome)
  return kind === undefined ? [] : [{ position, event, lost, kind }]
}

const kindOfLink = (outcome: string): ChangeKind | undefined => {
  if (outcome === "merged") return "merged"
  if (outcome === "attached" || outcome === "created") return "attached"
  return MergeChecks.isRefusal(outcome) ? "refused" : undefined
}

function* singles(tables: Tables): Generator<Single> {
  for (const link of tables.links) yield* singlesOfLink(link)
  for (const rows of tables.persons.values()) {
    for (const { person, from } of rows) {
      if (person.version === 0) yield { position: from, event: from, kind: "born", lost: 0 }
    }
  }
  for (const { warning, from } of tables.warnings) {
    yield { position: from, event: warning.position, kind: "warned", lost: 0 }
  }
  for (const { position, released } of tables.waiting.values()) {
    yield { position, event: position, kind: "held", lost: 0 }
    if (released !== null) {
      yield { position: released.at, event: position, kind: "released", lost: 0 }
    }
  }
}

/** Buckets of whole blocks are summed up from the `activity` table, smaller ones from single changes. */
export const activity = (
  tables: Tables,
  { from, to, size }: ActivityQuestion,
): ReadonlyArray<Bucket> => {
  const buckets = new Map<number, Activity.Counts>()
  const add = (position: number, counts: Partial<Activity.Counts>) => {
    if (position < from || position > to) return
    const index = Math.floor((position - from) / size)
    const before = buckets.get(index) ?? Activity.none
    buckets.set(index, Activity.sum(before, { ...Activity.none, ...counts }))
  }
  if (size % Activity.blockSize === 0) {
    for (const { position, ...counts } of tables.activity.values()) add(position, counts)
  } else {
    for (const { position, kind, lost } of singles(tables)) {
      add(position, { [kind]: 1, ...(kind === "merged" && lost > 0 && { lost: 1 }) })
    }
    for (const rows of tables.persons.values()) {
      for (const { person, from: start } of rows)
        if (person.version > 0) add(start, { versions: 1 })
    }
  }
  return Array.from(buckets, ([index, counts]) => ({ index, ...counts })).toSorted(
    (a, b) => a.index - b.index,
  )
}

/** The changes of a question; those of one kind at one position are one view. */
export const changes = (tables: Tables, question: ChangesQuestion): ReadonlyArray<ChangeView> => {
  const { from, kinds } = question
  const isAsked = ({ position, kind }: Single) =>
    kinds.has(kind) && ("after" in from ? position > from.after : position < from.before)
  const grouped = Map.groupBy(
    [...singles(tables)].filter(isAsked),
    ({ position, kind }) => `${position} ${kind}`,
  )
  const views = [...grouped.values()].flatMap((together) => {
    const [first] = together
    if (first === undefined) return []
    const events: ReadonlyArray<number> = together.map((each) => each.event)
    const event = Position(events.reduce((least, each) => Math.min(least, each)))
    return [{ ...first, event, count: together.length }]
  })
  return cut(views, question)
}

const isWorthALook = ({ lost, areIdentified, isOperators }: LinkRow): boolean =>
  lost > 0 || areIdentified || isOperators

/** Merges worth a look: the most overwritten values first, then the newest. */
export const mergesWorthALook = (
  { links }: Tables,
  { limit, before, at }: MergesQuestion,
): ReadonlyArray<MergeView> => {
  const worth = links
    .filter((link) => isWorthALook(link) && (at === undefined || link.position <= at))
    .toSorted((a, b) => b.lost - a.lost || b.event - a.event)
  const start = before === undefined ? 0 : worth.findIndex(({ event }) => event === before) + 1
  return worth
    .slice(start, start + limit)
    .map(({ position, event, target, source, lost, areIdentified, isOperators }) => ({
      position,
      event,
      target,
      source,
      lost,
      areIdentified,
      isOperators,
    }))
}

/** The last ended version of each person of which a value contains a text. */
export const formerlyHeld = (
  tables: Tables,
  { search, limit }: FormerQuestion,
): ReadonlyArray<FormerView> => {
  const found = Array.from(tables.persons, ([personId, rows]) => {
    const row = rows.findLast(
      ({ person, to }) =>
        to !== null && TextSearch.isIn(TextSearch.valuesOf(person.properties), search),
    )
    return row === undefined || row.to === null ? [] : [{ personId, from: row.from, to: row.to }]
  }).flat()
  return found.toSorted((a, b) => b.to - a.to || (a.personId < b.personId ? 1 : -1)).slice(0, limit)
}

/** The number of waiting events, and the first due time. */
export const waitingNow = ({ waiting }: Tables): WaitingCount => {
  const due = [...waiting.values()].flatMap(({ released, dueAt }) =>
    released === null ? [dueAt] : [],
  )
  const oldestDue = due.length === 0 ? undefined : due.reduce((a, b) => Math.min(a, b))
  return { count: Math.min(due.length, waitingCountMax), oldestDue }
}
