import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as Transaction from "@onymous/database/sql/Transaction"
import { SchemaClient, type Sql } from "@onymous/database/sql/SchemaClient"
import { PersonId } from "@onymous/identity/state/PersonId"
import { Position } from "@onymous/identity/event/Position"
import type { Table } from "../../rows/RowChanges.ts"
import { isApart, partitionOf } from "../../migrations/EditionId.ts"
import type { Checkpoint, StoredCheckpoint } from "../../Checkpoint.ts"
import { type Comparison, namedMax } from "../../Editions.ts"
import { live as liveEdition } from "./SqlEditions.ts"
import * as WholeComparison from "./WholeComparison.ts"

/** True unless the editions differ in the last state hash that both keep. */
const isHashCommon = Effect.fnUntraced(function* (candidate: Checkpoint, live: StoredCheckpoint) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly is_same: boolean }>`
    select a.state_hash = b.state_hash as is_same
    from ${sql.ours("state_hashes")} a join ${sql.ours("state_hashes")} b on b.edition = ${live.edition} and b.position = a.position
    where a.edition = ${candidate.edition} order by a.position desc limit 1`
  return rows[0]?.is_same ?? true
})

/** True, in SQL, for rows that held at a position: those without an end, where the edition is at that position. */
const holdsAt = (sql: Sql, { edition, position }: StoredCheckpoint, at: Position) =>
  position === at
    ? sql`edition = ${edition} and to_position is null`
    : sql`edition = ${edition} and from_position <= ${at} and (to_position is null or to_position > ${at})`

/** All persons of an edition once a position had been processed, with a sum of their distinct ids. */
const personsAt = (sql: Sql, from: StoredCheckpoint, at: Position) => {
  const rowsOf = (name: Table) =>
    sql`(select * from ${sql.ours(partitionOf(name, from.edition))} where ${holdsAt(sql, from, at)})`
  return sql`(
    select p.*, m.ids from ${rowsOf("persons")} p left join (
      select coalesce(c.person_id, m.component) as person_id,
        sum(hashtextextended(concat_ws(' ', m.distinct_id, m.component), 0)) as ids
      from ${rowsOf("memberships")} m left join ${rowsOf("components")} c
        on c.component = m.component
      group by 1
    ) m on m.person_id = p.person_id
  )`
}

/** Sums of the hashes of rows that held. */
type Sums = Effect.Effect<ReadonlyArray<object>, SqlError.SqlError, SchemaClient>

type SumsAt = (from: StoredCheckpoint, at: Position) => Sums

const personHash = `hashtextextended(concat_ws(' ', p.person_id, p.version, p.is_identified,
  p.created_at, p.properties::jsonb), 0)`

/**
 * The sums of an edition in shared partitions, person by person, by lateral joins with `offset 0` as in
 * `SliceLoader`.
 */
const sumsOfShared: SumsAt = Effect.fnUntraced(function* (from, at) {
  const sql = yield* SchemaClient
  const holds = holdsAt(sql, from, at)
  const table = (name: Table) => sql.ours(partitionOf(name, from.edition))
  return yield* sql`
    select coalesce(sum(${sql.literal(personHash)}), 0)::text as persons,
      coalesce(sum(m.ids), 0)::text as ids
    from (select * from ${table("persons")} where ${holds}) p
    cross join lateral (
      select sum(hashtextextended(concat_ws(' ', m.distinct_id, m.component, p.person_id), 0)) as ids
      from (
        select p.person_id as component union (
          select component from ${table("components")}
          where person_id = p.person_id and ${holds} offset 0
        )
      ) own
      cross join lateral (
        select distinct_id, component from ${table("memberships")}
        where component = own.component and ${holds} offset 0
      ) m
    ) m`
})

/** The sums of an edition apart: a scan of its partitions takes a third of the time. */
const sumsOfApart: SumsAt = Effect.fnUntraced(function* (from, at) {
  const sql = yield* SchemaClient
  const rowsOf = (name: Table) =>
    sql`(select * from ${sql.ours(partitionOf(name, from.edition))} where ${holdsAt(sql, from, at)})`
  return yield* sql`
    select (select coalesce(sum(${sql.literal(personHash)}), 0) from ${rowsOf("persons")} p)::text as persons,
      (select coalesce(sum(hashtextextended(
        concat_ws(' ', m.distinct_id, m.component, coalesce(c.person_id, m.component)), 0)), 0)
        from ${rowsOf("memberships")} m left join ${rowsOf("components")} c
          on c.component = m.component)::text as ids`
})

/**
 * True where the persons at a position, and their ids, have equal sums; only otherwise are the differing persons
 * looked for. The stored state hashes do not suffice, because rows may have been changed by hand.
 */
const areRowsSame = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  live: StoredCheckpoint,
  at: Position,
) {
  const areApart = isApart(candidate.edition) && isApart(live.edition)
  const sumsAt = areApart ? sumsOfApart : sumsOfShared
  const [ours, theirs] = [yield* sumsAt(candidate, at), yield* sumsAt(live, at)]
  return JSON.stringify(ours) === JSON.stringify(theirs)
})

const differingPersons = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  live: StoredCheckpoint,
  at: Position,
) {
  const sql = yield* SchemaClient
  const rows = yield* sql<{ readonly person_id: string }>`
    select coalesce(a.person_id, b.person_id) as person_id
    from ${personsAt(sql, candidate, at)} a full join ${personsAt(sql, live, at)} b
      on a.person_id = b.person_id
    where (a.version, a.is_identified, a.created_at, a.properties::jsonb, a.ids)
      is distinct from (b.version, b.is_identified, b.created_at, b.properties::jsonb, b.ids)
    order by 1 limit ${namedMax}`
  return rows.map((row) => PersonId(row.person_id))
})

const comparisonOf = Effect.fnUntraced(function* (candidate: Checkpoint, isWhole: boolean) {
  const live = yield* liveEdition(candidate.project)
  const position = Position(Math.min(candidate.position, live?.position ?? 0))
  const same: Comparison = { position, isSame: true, persons: [] }
  // Without a live edition, only an empty candidate is the same.
  if (live === undefined || position === 0) return { ...same, isSame: candidate.position === 0 }
  // A whole comparison needs the candidate to catch up first: its caller does that, and compares again.
  if (isWhole && live.position > candidate.position) return same
  const isSame = yield* areRowsSame(candidate, live, position)
  const persons = isSame ? [] : yield* differingPersons(candidate, live, position)
  const isHashSame =
    live.position === candidate.position
      ? live.stateHash === candidate.stateHash
      : yield* isHashCommon(candidate, live)
  const comparison: Comparison = { position, isSame: isHashSame && isSame, persons }
  if (!isWhole || live.position !== candidate.position) return comparison
  const tables = yield* WholeComparison.differences(candidate, live)
  return { ...comparison, isSame: comparison.isSame && tables.length === 0, tables }
})

/**
 * How the edition in the making differs from the live one. One snapshot is read, because the live edition may move
 * on meanwhile.
 */
export const compare = Effect.fnUntraced(function* (
  candidate: Checkpoint,
  { isWhole }: { readonly isWhole: boolean } = { isWhole: false },
) {
  const sql = yield* SchemaClient
  return yield* Transaction.runPatiently(
    sql,
    Effect.andThen(
      sql`set transaction isolation level repeatable read, read only`,
      comparisonOf(candidate, isWhole),
    ),
  )
})
