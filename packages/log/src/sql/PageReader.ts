import { Effect } from "effect"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Json from "@onymous/identity/encoding/Json"
import { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import { checkContinued, EventLogError, type PageQuestion, projectNotFound } from "../EventLog.ts"
import * as EventRow from "./EventRow.ts"
import * as ExactJson from "@onymous/identity/encoding/ExactJson"

/** The most bytes of facts in a page: large events make short pages. */
const readLengthMax = 16_000_000

/** Facts of more bytes than this are read by themselves, once the page is known to have room for them. */
const largeLength = 8000

/**
 * How many events come as one row: larger arrays took Postgres several times as long, because it kept returning and
 * requesting their memory. Between two chunks the process does its other work.
 */
const chunkSize = 500

/** Events of a page, column by column. */
interface Chunk {
  /** The position before the first event. */
  readonly start: number
  readonly positions: ReadonlyArray<number>
  readonly times: ReadonlyArray<number>
  readonly uuids: ReadonlyArray<string>
  /** Null for a captured event, as nearly all are. */
  readonly kinds: Column<string>
  readonly names: Column<string>
  readonly distinct_ids: Column<string>
  readonly source_ids: Column<string>
  readonly client_timestamps: Column<string>
  readonly sent_ats: Column<string>
  readonly client_offsets: Column<number>
  /** The lengths of the facts, in bytes. */
  readonly lengths: Column<number>
  /** All facts but large ones in one JSON text, which is parsed in less than half the time of many texts. */
  readonly facts: string
}

type Column<A> = ReadonlyArray<A | null>

/** The head of the log, and the event from which the reader continues. */
interface End {
  readonly head: number
  readonly after_uuid: string | null
}

type PageRow = End & (Chunk | { readonly positions: null })

const isChunk = (row: PageRow): row is End & Chunk => row.positions !== null

interface LargeRow {
  readonly position: number
  readonly facts: string
}

const narrowAt = (chunk: Chunk, position: number, index: number): EventRow.Narrow => ({
  position,
  recorded_at: chunk.times[index] ?? Number.NaN,
  uuid: chunk.uuids[index] ?? "",
  kind: chunk.kinds[index] ?? "captured",
  name: chunk.names[index] ?? null,
  distinct_id: chunk.distinct_ids[index] ?? null,
  source_id: chunk.source_ids[index] ?? null,
  client_timestamp: chunk.client_timestamps[index] ?? null,
  sent_at: chunk.sent_ats[index] ?? null,
  client_offset: chunk.client_offsets[index] ?? null,
})

/** The number of first events whose facts fit into a page; at least one. */
const fitting = (chunks: ReadonlyArray<Chunk>): number => {
  const lengths = chunks.flatMap((chunk) => chunk.lengths)
  let sum = 0
  const end = lengths.findIndex((length, index) => {
    sum += length ?? 0
    return index > 0 && sum > readLengthMax
  })
  return end === -1 ? lengths.length : end
}

/** Decodes the first events of a chunk, at most `most`. */
const decode = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  chunk: Chunk,
  most: number,
) {
  const positions = chunk.positions.slice(0, most)
  const large = positions.filter((_, index) => (chunk.lengths[index] ?? 0) > largeLength)
  const largeFacts = large.length === 0 ? none : yield* readLarge(sql, project, large)
  const facts = ExactJson.parse(chunk.facts)
  return positions.map((position, index) => {
    const eventFacts = Array.isArray(facts) ? facts[index] : undefined
    return EventRow.fromParsed(
      narrowAt(chunk, position, index),
      Json.isObject(eventFacts) ? eventFacts : (largeFacts.get(position) ?? null),
    )
  })
})

/**
 * The events after a position, in order: `limit` of them, or as many as fit into a page. Positions have no gaps, so a
 * chunk is a range of positions, which Postgres plans well whatever its statistics. Its columns come as arrays, which
 * the driver decodes in half the time of as many fields.
 */
export const read = Effect.fn("EventLog.read")(function* (sql: Sql, question: PageQuestion) {
  const { project, after, limit } = question
  const last = after + limit
  yield* Effect.annotateCurrentSpan({
    "onymous.project": project,
    "onymous.position.from": after + 1,
    "onymous.position.to": last,
  })
  const rows = yield* sql<PageRow>`
    select projects.position as head, chunks.*, (
      select uuid from ${sql.ours("events")} where project_id = ${project} and position = ${after}
    ) as after_uuid
    from ${sql.ours("projects")} left join lateral (select start, chunk.*
    from generate_series(${after}::bigint, least(${last}, projects.position) - 1, ${chunkSize})
      as start
    cross join lateral (
      select array_agg(position) as positions, array_agg(recorded_at) as times,
        array_agg(uuid) as uuids,
        array_agg(nullif(kind, 'captured')) as kinds, array_agg(name) as names,
        array_agg(distinct_id) as distinct_ids, array_agg(source_id) as source_ids,
        array_agg(client_timestamp) as client_timestamps, array_agg(sent_at) as sent_ats,
        array_agg(client_offset) as client_offsets, array_agg(length) as lengths,
        json_agg(case when length <= ${largeLength} then facts end)::text as facts
      from (
        select *, octet_length(facts::text) as length from ${sql.ours("events")}
        where project_id = ${project} and position > start
          and position <= least(start + ${chunkSize}, ${last}) order by position
      ) event having count(*) > 0
    ) chunk) chunks on true
    where projects.id = ${project}`
  const [first] = rows
  if (first === undefined) return yield* projectNotFound(project)
  const head = Position(first.head)
  yield* checkContinued(question, { head, uuid: first.after_uuid ?? undefined })
  // Sorted here, because Postgres would buffer all chunks to sort them.
  const chunks = rows.filter(isChunk).toSorted((a, b) => a.start - b.start)
  yield* checkWhole(sql, project, chunks, { after, until: Math.min(last, head) })
  const most = fitting(chunks)
  const events: Array<Recorded> = []
  for (const chunk of chunks) {
    if (events.length === most) break
    events.push(...(yield* decode(sql, project, chunk, most - events.length)))
    yield* Effect.yieldNow
  }
  return events
})

/** Fails with the first range of missing positions, if there is one. */
const checkWhole = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  chunks: ReadonlyArray<Chunk>,
  { after, until }: { readonly after: Position; readonly until: number },
) {
  let next = after + 1
  for (const { positions } of chunks) {
    for (const position of positions) if (position === next) next++
  }
  if (next > until) return
  const rows = yield* sql<{ readonly to: number }>`
    select coalesce((select min(position) from ${sql.ours("events")}
      where project_id = ${project} and position >= ${next}), projects.position + 1) - 1 as to
    from ${sql.ours("projects")} where id = ${project}`
  const [from, to] = [Position(next), Position(rows[0]?.to ?? until)]
  return yield* new EventLogError({ reason: { _tag: "Missing", project, from, to } })
})

const none: ReadonlyMap<number, Json.JsonObject> = new Map()

const readLarge = Effect.fnUntraced(function* (
  sql: Sql,
  project: ProjectId,
  positions: ReadonlyArray<number>,
) {
  const rows = yield* sql<LargeRow>`
    select position, facts::text as facts from ${sql.ours("events")}
    where project_id = ${project} and position = any(${PgArrays.positions(positions)}::bigint[])`
  return new Map(rows.map(({ position, facts }) => [position, ExactJson.parseObject(facts)]))
})
