import { Effect } from "effect"
import * as TimelineForms from "@onymous/api/page/TimelineForms"
import { kindsOf } from "@onymous/api/page/TimelineParameters"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { isAct, type Recorded } from "@onymous/identity/event/Event"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import { Position, zero } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { needsWhole } from "@onymous/identity/rules/OperatorRules"
import * as ActsPage from "@onymous/log/paging/ActsPage"
import { EventLog } from "@onymous/log/EventLog"
import { Persons } from "@onymous/persons/Persons"
import * as Activity from "@onymous/persons/rows/Activity"
import { type ChangesQuestion, changeKinds, Timeline } from "@onymous/persons/Timeline"
import { HistorySource } from "@onymous/timetravel/history/HistorySource"
import type { Scope } from "../api/questions/ProjectQuestions.ts"

/** The default numbers of buckets and of results. */
const bucketsByDefault = 1000
const limitByDefault = 100

/** Longer ranges are counted by blocks, because their rows would be too many to count. */
const rowsMax = 120_000

/** A range of positions, and the size of its buckets. */
interface Window {
  readonly from: number
  readonly to: number
  readonly size: number
}

/** The window of a question; with buckets of whole blocks it begins at a block. */
const windowOf = (from: number, to: number, buckets: number): Window => {
  const length = to - from + 1
  const size = Math.max(1, Math.ceil(length / buckets))
  if (length <= rowsMax && size < Activity.blockSize) return { from, to, size }
  const first = Activity.blockOf(from)
  const blocks = Math.ceil((to - first + 1) / Activity.blockSize)
  return { from: first, to, size: Math.ceil(blocks / buckets) * Activity.blockSize }
}

interface ActivityQuestion {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly buckets?: number | undefined
}

/** How many operators' acts are read at a time. */
const actsPage = 1000

/** The separating acts of a short range; they are read from the log, because their rows lie in many tables. */
const partings = Effect.fnUntraced(function* (project: ProjectId, { from, to, size }: Window) {
  if (size % Activity.blockSize === 0) return []
  const log = yield* EventLog
  const found: Array<Activity.Counts & { readonly index: number }> = []
  for (let after = from - 1; ;) {
    const bounds = { after: Position(after), before: Position(to + 1) }
    const acts = yield* log.readActs({ project, ...bounds, limit: actsPage })
    for (const { position } of acts.filter(({ event }) => needsWhole(event))) {
      found.push({ ...Activity.none, apart: 1, index: Math.floor((position - from) / size) })
    }
    const next = ActsPage.nextOf(acts, actsPage)
    if (next === undefined) return found
    after = next
  }
})

/** The counts of changes by bucket. */
export const activity = Effect.fnUntraced(function* (scope: Scope, query: ActivityQuestion) {
  const { project, checkpoint } = scope
  const source = yield* HistorySource
  const pointOf = (text: string | undefined, field: string, otherwise: Position) =>
    text === undefined ? Effect.succeed(otherwise) : source.point(project, text, field)
  const to = Math.min(yield* pointOf(query.to, "to", checkpoint), checkpoint)
  const from = Math.max(1, yield* pointOf(query.from, "from", zero))
  if (to < from) {
    const none = { from, to: from - 1, size: 1, times: [], buckets: [] }
    return TimelineForms.activity({ position: checkpoint, ...none })
  }
  const window = windowOf(from, to, query.buckets ?? bucketsByDefault)
  const { size } = window
  const first = Position(window.from)
  const counted = yield* (yield* Timeline).activity({
    project,
    from: first,
    to: Position(to),
    size,
  })
  const buckets = new Map(counted.map((bucket) => [bucket.index, bucket]))
  for (const parting of yield* partings(project, window)) {
    const before = buckets.get(parting.index)
    buckets.set(parting.index, before ? Activity.sum(before, parting) : parting)
  }
  const starts = Array.from({ length: Math.ceil((to - first + 1) / size) }, (_, index) =>
    Position(first + index * size),
  )
  const marks = yield* (yield* EventLog).marksAt(project, starts)
  return TimelineForms.activity({
    position: checkpoint,
    ...window,
    times: marks.map(({ recordedAt }) => recordedAt),
    buckets: [...buckets.values()],
  })
})

/** A change before its event is looked up. */
interface ListedChange {
  readonly position: Position
  readonly event: Position
  readonly kind: TimelineForms.Kind
  readonly count: number
  readonly lost: number
}

const actKinds: ReadonlyArray<TimelineForms.Kind> = [...OperatorCommand.kinds, "policy"]

const kindOfAct = ({ event }: Recorded): TimelineForms.Kind | undefined => {
  if (!isAct(event)) return undefined
  return event._tag === "PolicyChanged" ? "policy" : OperatorCommand.actOf(event).kind
}

/** Acts of the kinds in question, up to the checkpoint, at least as many as asked for if there are. */
const actsOf = Effect.fnUntraced(function* (
  { project, checkpoint }: Scope,
  { from, limit }: Pick<ChangesQuestion, "from" | "limit">,
  kinds: ReadonlySet<TimelineForms.Kind>,
) {
  const log = yield* EventLog
  const found: Array<ListedChange> = []
  if (!actKinds.some((kind) => kinds.has(kind))) return found
  let bounds =
    "after" in from
      ? { after: from.after, before: Position(checkpoint + 1) }
      : { before: Position(Math.min(from.before, checkpoint + 1)) }
  while (found.length < limit) {
    const acts = yield* log.readActs({ project, ...bounds, limit: actsPage })
    for (const recorded of acts) {
      const kind = kindOfAct(recorded)
      if (kind === undefined || !kinds.has(kind)) continue
      const { position } = recorded
      found.push({ position, event: position, kind, count: 1, lost: 0 })
    }
    const next = ActsPage.nextOf(acts, actsPage)
    if (next === undefined) break
    bounds = "after" in bounds ? { ...bounds, after: next } : { before: next }
  }
  return found
})

interface ChangesQuery {
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly kinds?: string | undefined
  readonly limit?: number | undefined
}

/** A page of changes: `limit` of them, and the rest of those at the last position. */
const cut = (
  changes: ReadonlyArray<ListedChange>,
  { from, limit }: Pick<ChangesQuestion, "from" | "limit">,
): ReadonlyArray<ListedChange> => {
  const direction = "after" in from ? 1 : -1
  const sorted = changes.toSorted((a, b) => direction * (a.position - b.position))
  const last = sorted[limit - 1]
  return last === undefined
    ? sorted
    : sorted.filter(({ position }, index) => index < limit || position === last.position)
}

/** Single changes: those by events are read from the persons, operators' acts from the log. */
export const changes = Effect.fnUntraced(function* (scope: Scope, query: ChangesQuery) {
  const { project } = scope
  const { before, after = zero, limit = limitByDefault } = query
  const from = before === undefined ? { after: Position(after) } : { before: Position(before) }
  const asked = new Set(kindsOf(query.kinds))
  const kinds = new Set(changeKinds.filter((kind) => asked.has(kind)))
  const derived = yield* (yield* Timeline).changes({ project, from, kinds, limit })
  const acts = yield* actsOf(scope, { from, limit }, asked)
  const page = cut([...derived, ...acts], { from, limit })
  const positions = new Set(page.flatMap(({ position, event }) => [position, event]))
  const marks = yield* (yield* EventLog).marksAt(project, [...positions])
  const markOf = new Map(marks.map((mark) => [mark.position, mark]))
  return {
    results: page.flatMap((view) => {
      const [at, event] = [markOf.get(view.position), markOf.get(view.event)]
      return at === undefined || event === undefined ? [] : [TimelineForms.change(view, at, event)]
    }),
  }
})

interface MergesQuery {
  readonly limit?: number | undefined
  readonly before?: number | undefined
}

/** Merges worth a look; each tells whether it still holds. */
export const merges = Effect.fnUntraced(function* (
  { project, checkpoint, at }: Scope,
  query: MergesQuery,
) {
  const { limit = limitByDefault, before } = query
  const found = yield* (yield* Timeline).mergesWorthALook({
    project,
    // One more than asked, to know whether there is a next page.
    limit: limit + 1,
    ...(before !== undefined && { before: Position(before) }),
    ...(at !== undefined && { at }),
  })
  const page = found.slice(0, limit)
  const position = at ?? checkpoint
  const sides = page.flatMap(({ target, source }) => [target, source])
  const owners = yield* (yield* Persons).ownersAt(
    project,
    sides.map((distinctId) => ({ distinctId, position })),
  )
  const marks = yield* (yield* EventLog).marksAt(
    project,
    page.map(({ event }) => event),
  )
  const markOf = new Map(marks.map((mark) => [mark.position, mark]))
  const results = page.map((view, index) => {
    const [target, source] = [owners[2 * index]?.personId, owners[2 * index + 1]?.personId]
    const holds = target !== undefined && target === source
    return TimelineForms.merge(view, markOf.get(view.event), holds)
  })
  const last = found.length > limit ? page.at(-1) : undefined
  return { results, next: last?.event ?? null }
})

interface IdsQuery {
  readonly prefix: string
  readonly limit?: number | undefined
}

/** Distinct ids that begin with a text. */
export const ids = Effect.fnUntraced(function* ({ project, at }: Scope, query: IdsQuery) {
  const { limit = limitByDefault } = query
  const found = yield* (yield* Persons).idsFrom({
    project,
    prefix: DistinctId(query.prefix),
    limit: limit + 1,
    ...(at !== undefined && { at }),
  })
  return {
    results: found.slice(0, limit).map(({ distinctId, personId }) => ({
      distinct_id: distinctId,
      person_id: personId,
    })),
    more: found.length > limit,
  }
})
