import { Effect } from "effect"
import type { Statement } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { DistinctId } from "@onymous/identity/event/DistinctId"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as Activity from "../rows/Activity.ts"
import {
  type ActivityQuestion,
  type Bucket,
  type ChangeKind,
  type ChangesQuestion,
  type ChangeView,
  cut,
  type MergesQuestion,
  type MergeView,
  waitingCountMax,
} from "../Timeline.ts"
import { liveOf } from "./editions/SqlEditions.ts"

type CountRow = Partial<Activity.Counts> & { readonly bucket: number }

/** Sums up the counts of blocks. */
const countBlocks = Effect.fnUntraced(function* ({ project, from, to, size }: ActivityQuestion) {
  const sql = yield* SchemaClient
  const sums = Activity.kinds.map((kind) => `sum(${kind})::integer as ${kind}`)
  return yield* sql<CountRow>`
    select ((position - ${from}) / ${size})::integer as bucket, ${sql.literal(sums.join(", "))}
    from ${sql.ours("activity")}
    where edition = ${liveOf(sql, project)} and position between ${from} and ${to} group by 1`
})

/**
 * The links that were made at some positions: those made at once by the position of their event, those of events
 * that had waited by an index of their own. Without the union, Postgres would read all links.
 */
const linksIn = (sql: Sql, edition: Statement.Fragment, bounds: Bounds) => sql`
  select event_position, position, outcome, lost from ${sql.ours("links")}
    where edition = ${edition} and ${bounds("event_position")} and position = event_position
  union all
  select event_position, position, outcome, lost from ${sql.ours("links")}
    where edition = ${edition} and ${bounds("position")} and position <> event_position`

const warningsIn = (sql: Sql, edition: Statement.Fragment, bounds: Bounds) => sql`
  select position as event_position, from_position as position from ${sql.ours("warnings")}
    where edition = ${edition} and ${bounds("position")} and from_position = position
  union all
  select position as event_position, from_position as position from ${sql.ours("warnings")}
    where edition = ${edition} and ${bounds("from_position")} and from_position <> position`

/** A condition on a column of positions. */
type Bounds = (column: string) => Statement.Fragment

const isUnion = `outcome in ('attached', 'created')`
const isRefusal = `outcome like 'refused\\_%'`

/** Counts the rows that begin at positions of a short range. */
const countRows = Effect.fnUntraced(function* ({ project, from, to, size }: ActivityQuestion) {
  const sql = yield* SchemaClient
  const edition = liveOf(sql, project)
  const bounds: Bounds = (column) => sql`${sql.literal(column)} between ${from} and ${to}`
  const bucketOf = (column: string) =>
    sql`((${sql.literal(column)} - ${from}) / ${size})::integer as bucket`
  const links = yield* sql<CountRow>`
    select ${bucketOf("position")},
      (count(*) filter (where ${sql.literal(isUnion)}))::integer as attached,
      (count(*) filter (where outcome = 'merged'))::integer as merged,
      (count(*) filter (where outcome = 'merged' and lost > 0))::integer as lost,
      (count(*) filter (where ${sql.literal(isRefusal)}))::integer as refused
    from (${linksIn(sql, edition, bounds)}) links group by 1`
  const warned = yield* sql<CountRow>`
    select ${bucketOf("position")}, count(*)::integer as warned
    from (${warningsIn(sql, edition, bounds)}) warnings group by 1`
  const versions = yield* sql<CountRow>`
    select ${bucketOf("from_position")}, (count(*) filter (where version = 0))::integer as born,
      (count(*) filter (where version > 0))::integer as versions
    from ${sql.ours("persons")}
    where edition = ${edition} and ${bounds("from_position")} group by 1`
  const held = yield* sql<CountRow>`
    select ${bucketOf("position")}, count(*)::integer as held from ${sql.ours("waiting_events")}
    where edition = ${edition} and ${bounds("position")} group by 1`
  const released = yield* sql<CountRow>`
    select ${bucketOf("released_position")}, count(*)::integer as released
    from ${sql.ours("waiting_events")}
    where edition = ${edition} and ${bounds("released_position")} group by 1`
  return [links, warned, versions, held, released].flat()
})

/** The counts of changes by bucket. */
export const activity = Effect.fnUntraced(function* (question: ActivityQuestion) {
  const isCoarse = question.size % Activity.blockSize === 0
  const rows = yield* isCoarse ? countBlocks(question) : countRows(question)
  const buckets = new Map<number, Activity.Counts>()
  for (const { bucket, ...counts } of rows) {
    const before = buckets.get(bucket) ?? Activity.none
    buckets.set(bucket, Activity.sum(before, { ...Activity.none, ...counts }))
  }
  return Array.from(buckets, ([index, counts]): Bucket => ({ index, ...counts })).toSorted(
    (a, b) => a.index - b.index,
  )
})

interface ChangeRow {
  readonly position: number
  readonly event: number
  readonly count: number
  readonly lost: number
}

/** The rows of a kind of change within bounds, as `position`, `event_position` and `lost`. */
const sourceOf = (
  sql: Sql,
  kind: ChangeKind,
  edition: Statement.Fragment,
  bounds: Bounds,
): Statement.Fragment => {
  const links = (isWanted: string) => sql`
    select * from (${linksIn(sql, edition, bounds)}) links where ${sql.literal(isWanted)}`
  switch (kind) {
    case "merged":
      return links("outcome = 'merged'")
    case "attached":
      return links(isUnion)
    case "refused":
      return links(isRefusal)
    case "warned":
      return sql`select *, 0 as lost from (${warningsIn(sql, edition, bounds)}) warnings`
    case "born":
      return sql`
        select from_position as position, from_position as event_position, 0 as lost
        from ${sql.ours("persons")}
        where edition = ${edition} and ${bounds("from_position")} and version = 0`
    case "held":
      return sql`
        select position, position as event_position, 0 as lost from ${sql.ours("waiting_events")}
        where edition = ${edition} and ${bounds("position")}`
    case "released":
      return sql`
        select released_position as position, position as event_position, 0 as lost
        from ${sql.ours("waiting_events")}
        where edition = ${edition} and ${bounds("released_position")}`
  }
}

/** The next blocks within bounds that have changes of these kinds, each with their count. */
const blocksOf = Effect.fnUntraced(function* (
  { project, kinds, limit, from }: ChangesQuestion,
  bounds: PositionRange,
) {
  const sql = yield* SchemaClient
  const count = sql.literal([...kinds].join(" + "))
  const direction = sql.literal("after" in from ? "asc" : "desc")
  return yield* sql<{ readonly position: number; readonly count: number }>`
    select position, ${count} as count from ${sql.ours("activity")}
    where edition = ${liveOf(sql, project)} and position > ${bounds.after + 1 - Activity.blockSize}
      and position < ${bounds.before} and ${count} > 0
    order by position ${direction} limit ${limit + 1}`
})

/** Positions after one and before another. */
interface PositionRange {
  readonly after: number
  readonly before: number
}

/** The changes of a kind in some blocks; those at one position are one view. */
const changesIn = Effect.fnUntraced(function* (
  project: ProjectId,
  kind: ChangeKind,
  blocks: ReadonlyArray<number>,
  { after, before }: PositionRange,
) {
  const sql = yield* SchemaClient
  const bounds: Bounds = (column) => {
    const name = sql.literal(column)
    return sql`${name} >= block and ${name} < block + ${Activity.blockSize}`
  }
  const rows = yield* sql<ChangeRow>`
    select position, min(event_position) as event, count(*)::integer as count, max(lost) as lost
    from unnest(${PgArrays.positions(blocks)}::bigint[]) block
    cross join lateral (${sourceOf(sql, kind, liveOf(sql, project), bounds)} offset 0) told
    where position > ${after} and position < ${before} group by position`
  return rows.map(({ position, event, count, lost }): ChangeView => ({
    position: Position(position),
    kind,
    event: Position(event),
    count,
    lost,
  }))
})

/**
 * The fewest first blocks with enough changes; the first block is not counted, because it may lie partly out of
 * bounds.
 */
const enough = (
  blocks: ReadonlyArray<{ readonly position: number; readonly count: number }>,
  wanted: number,
): ReadonlyArray<number> => {
  let found = 0
  const taken = blocks.findIndex(({ count }, index) => {
    if (index > 0) found += count
    return found >= wanted
  })
  return blocks.slice(0, taken < 0 ? undefined : taken + 1).map(({ position }) => position)
}

/**
 * Single changes. The `activity` table tells which blocks have any, so that rare ones are found as fast as frequent
 * ones.
 */
export const changes = Effect.fnUntraced(function* (question: ChangesQuestion) {
  const { from, project, kinds, limit } = question
  const found: Array<ChangeView> = []
  let bounds: PositionRange = {
    after: "after" in from ? from.after : 0,
    before: "before" in from ? from.before : Number.MAX_SAFE_INTEGER,
  }
  while (kinds.size > 0) {
    const blocks = enough(yield* blocksOf(question, bounds), limit - found.length)
    const last = blocks.at(-1)
    if (last === undefined) break
    for (const kind of kinds) found.push(...(yield* changesIn(project, kind, blocks, bounds)))
    if (found.length >= limit) break
    bounds =
      "after" in from
        ? { ...bounds, after: last + Activity.blockSize - 1 }
        : { ...bounds, before: last }
  }
  return cut(found, question)
})

interface MergeRow {
  readonly position: number
  readonly event_position: number
  readonly target_id: string
  readonly source_id: string
  readonly lost: number
  readonly both_identified: boolean
  readonly by_operator: boolean
}

/** Merges worth a look, in the order of the index `look`. */
export const mergesWorthALook = Effect.fnUntraced(function* (question: MergesQuestion) {
  const { project, limit, before, at = Number.MAX_SAFE_INTEGER } = question
  const sql = yield* SchemaClient
  const edition = liveOf(sql, project)
  const links = sql.ours("links")
  const further =
    before === undefined
      ? sql``
      : sql`and (lost, event_position) < (
    (select lost from ${links} where edition = ${edition} and event_position = ${before}), ${before})`
  const rows = yield* sql<MergeRow>`
    select position, event_position, target_id, source_id, lost, both_identified, by_operator
    from ${links}
    where edition = ${edition} and (lost > 0 or both_identified or by_operator)
      and event_position <= ${at} and position <= ${at} ${further}
    order by lost desc, event_position desc limit ${limit}`
  return rows.map((row): MergeView => ({
    position: Position(row.position),
    event: Position(row.event_position),
    target: DistinctId(row.target_id),
    source: DistinctId(row.source_id),
    lost: row.lost,
    areIdentified: row.both_identified,
    isOperators: row.by_operator,
  }))
})

/** The number of waiting events, and the first due time. */
export const waitingNow = Effect.fnUntraced(function* (project: ProjectId) {
  const sql = yield* SchemaClient
  const [row] = yield* sql<{ readonly count: number; readonly due_at: number | null }>`
    select count(*)::integer as count, min(due_at) as due_at from (
      select due_at from ${sql.ours("waiting_events")}
      where edition = ${liveOf(sql, project)} and released_position is null
      order by due_at limit ${waitingCountMax}
    ) waiting`
  return { count: row?.count ?? 0, oldestDue: row?.due_at ?? undefined }
})
