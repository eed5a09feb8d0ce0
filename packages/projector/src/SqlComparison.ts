import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { PersonId } from "@onymous/identity/PersonId"
import { Position } from "@onymous/identity/Position"
import type { Checkpoint, Comparison } from "./Persons.ts"
import { checkpoint } from "./SqlEditions.ts"

/** True unless the last hash that both editions keep differs. */
const isHashCommon = Effect.fnUntraced(function* (made: Checkpoint, live: Checkpoint) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly is_same: boolean }>`
    select a.state_hash = b.state_hash as is_same
    from state_hashes a join state_hashes b on b.edition = ${live.edition} and b.position = a.position
    where a.edition = ${made.edition} order by a.position desc limit 1`
  return rows[0]?.is_same ?? true
})

/** All persons of an edition once a position had been processed, with a sum of their distinct ids. */
const personsAt = (sql: SqlClient.SqlClient, { edition }: Checkpoint, at: Position) => {
  const holding = (table: string) => sql`(select * from ${sql(table)} where edition = ${edition}
    and from_position <= ${at} and (to_position is null or to_position > ${at}))`
  return sql`(
    select p.*, m.ids from ${holding("persons")} p left join (
      select coalesce(c.person_id, m.component) as person_id,
        sum(hashtextextended(m.distinct_id, 0)) as ids
      from ${holding("memberships")} m left join ${holding("components")} c
        on c.component = m.component
      group by 1
    ) m on m.person_id = p.person_id
  )`
}

/**
 * What the rows of an edition that held at a position come to: two sums that are made in one pass, so
 * that only rows that differ need be looked for. A stored hash tells nothing of rows that were changed.
 */
const sumsAt = Effect.fnUntraced(function* ({ edition }: Checkpoint, at: Position) {
  const sql = yield* SqlClient.SqlClient
  const sumOf = (table: string, text: string) => sql`(
    select coalesce(sum(hashtextextended(${sql.literal(text)}, 0)), 0)::text from ${sql(table)}
    where edition = ${edition} and from_position <= ${at} and (to_position is null or to_position > ${at}))`
  const [sums] = yield* sql`select
    ${sumOf("persons", "concat_ws(' ', person_id, version, is_identified, created_at, properties)")} as persons,
    ${sumOf("memberships", "concat_ws(' ', distinct_id, component)")} as memberships,
    ${sumOf("components", "concat_ws(' ', component, person_id)")} as components`
  return JSON.stringify(sums)
})

/** How many persons that differ are named. */
const namedMax = 20

const differing = Effect.fnUntraced(function* (made: Checkpoint, live: Checkpoint, at: Position) {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<{ readonly person_id: string }>`
    select coalesce(a.person_id, b.person_id) as person_id
    from ${personsAt(sql, made, at)} a full join ${personsAt(sql, live, at)} b
      on a.person_id = b.person_id
    where (a.version, a.is_identified, a.created_at, a.properties::jsonb, a.ids)
      is distinct from (b.version, b.is_identified, b.created_at, b.properties::jsonb, b.ids)
    order by 1 limit ${namedMax}`
  return rows.map((row) => PersonId(row.person_id))
})

/** How the edition in the making differs from the live one. */
export const compare = Effect.fnUntraced(function* (made: Checkpoint) {
  const live = yield* checkpoint(made.project)
  const position = Position(Math.min(made.position, live?.position ?? 0))
  const same: Comparison = { position, isSame: true, persons: [] }
  // Where nothing is live, that is the same only where there is nothing to derive.
  if (live === undefined || position === 0) return { ...same, isSame: made.position === 0 }
  const areRowsSame = (yield* sumsAt(made, position)) === (yield* sumsAt(live, position))
  const persons = areRowsSame ? [] : yield* differing(made, live, position)
  const isHashSame =
    live.position === made.position
      ? live.stateHash === made.stateHash
      : yield* isHashCommon(made, live)
  return { position, isSame: isHashSame && persons.length === 0, persons } satisfies Comparison
})
