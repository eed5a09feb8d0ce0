import { PgClient } from "@effect/sql-pg"
import { Array as Arr, Effect } from "effect"
import { randomUUID } from "node:crypto"
import type { Incoming } from "@onymous/identity/Event"
import * as Columns from "@onymous/log/Columns"
import * as EventRow from "@onymous/log/EventRow"
import { batchSize, events, filled, median, rate } from "./Scenario.ts"

/** The same columns into a table with the same indexes, and nothing else. */
const raw = Effect.fnUntraced(function* (all: ReadonlyArray<Incoming>) {
  const sql = yield* PgClient.PgClient
  const project = randomUUID()
  let position = 0
  for (const batch of Arr.chunksOf(all, batchSize)) {
    const [uuids, kinds, names, ids, sources, times, sentAts, offsets, facts, payloads] =
      EventRow.toColumns(batch)
    const positions = Columns.positions(batch.map(() => (position += 1)))
    yield* sql`insert into raw_events (project_id, recorded_at, position, uuid, kind, name,
        distinct_id, source_id, client_timestamp, sent_at, client_offset, facts, payload)
      select ${project}, now(), * from unnest(${positions}::bigint[], ${uuids}::uuid[],
        ${kinds}::text[], ${names}::text[], ${ids}::text[], ${sources}::text[], ${times}::text[],
        ${sentAts}::text[], ${offsets}::float8[], ${facts}::json[], ${payloads}::json[])`
  }
})

/** Appending in batches of 1,000 against a bare insert of the same rows, taken in turns. */
export const measure = Effect.fnUntraced(function* (count: number, rounds: number) {
  const sql = yield* PgClient.PgClient
  yield* sql`create table raw_events (like events including all)`
  const rates: Array<readonly [number, number]> = []
  for (let round = 0; round < rounds; round++) {
    rates.push([yield* rate(count, filled(events(count))), yield* rate(count, raw(events(count)))])
  }
  const append = median(rates.map(([ours]) => ours))
  const unnest = median(rates.map(([, theirs]) => theirs))
  return {
    append_events_per_s: append,
    unnest_events_per_s: unnest,
    append_vs_unnest: append / unnest,
  }
})
