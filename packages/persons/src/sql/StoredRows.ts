import type { PgTypes } from "@effect/sql-pg"
import { Effect } from "effect"
import type { SqlError } from "effect/sql"
import * as PgArrays from "@onymous/database/sql/PgArrays"
import type { Rows, Table } from "../rows/RowChanges.ts"
import * as EditionTables from "./editions/EditionTables.ts"
import { inChunks } from "./editions/EditionTables.ts"

type Statement = Effect.Effect<unknown, SqlError.SqlError>

/** Writes the changes of stored rows. */
export const write = Effect.fnUntraced(function* (edition: EditionTables.Edition, rows: Rows) {
  yield* inChunks(rows.closedPersons, (chunk) =>
    close(edition, "persons", "person_id", PgArrays.uuids(chunk.map(({ id }) => id)), chunk),
  )
  // Not in chunks, because a stored component's moves belong in one statement.
  if (rows.moves.length > 0) yield* moveMembers(edition, rows.moves)
  yield* inChunks(rows.closedMemberships, (chunk) => closeMemberships(edition, chunk))
  yield* inChunks(rows.revokedWarnings, (chunk) =>
    close(
      edition,
      "warnings",
      "position",
      PgArrays.positions(chunk.map(({ event }) => event)),
      chunk,
    ),
  )
  yield* inChunks(rows.released, (chunk) => releaseWaiting(edition, chunk))
  yield* inChunks(rows.closedPersonless, (chunk) => {
    const ids = PgArrays.texts(chunk.map(({ distinctId }) => distinctId))
    return close(edition, "personless_ids", "distinct_id", ids, chunk)
  })
})

/**
 * Ends rows that hold. The `coalesce` hides the index of all rows that hold from the planner, so that it looks rows
 * up by key.
 */
const close = (
  { sql, id, table }: EditionTables.Edition,
  name: Table,
  key: string,
  keys: PgTypes.Parameter,
  rows: ReadonlyArray<{ readonly to: number }>,
): Statement => sql`
  update ${table(name)} stored set to_position = closed.to_position
  from unnest(${keys}, ${PgArrays.positions(rows.map(({ to }) => to))}) as closed (key, to_position)
  where stored.edition = ${id} and stored.${sql(key)} = closed.key
    and coalesce(stored.to_position, 0) = 0`

/** Closes the memberships of all ids of moved components, and adds new ones for each move. */
const moveMembers = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["moves"],
): Statement => sql`
  with moves as (
    select * from unnest(
      ${PgArrays.uuids(rows.map((row) => row.stored))},
      ${PgArrays.uuids(rows.map((row) => row.component))},
      ${PgArrays.positions(rows.map((row) => row.from))},
      ${PgArrays.positions(rows.map((row) => row.to))}) as m (stored, component, from_position, to_position)
  ), leaving as (
    update ${table("memberships")} m set to_position = first.from_position
    from (select stored, min(from_position) as from_position from moves group by stored) first
    where m.edition = ${id} and m.component = first.stored and m.to_position is null
    returning m.distinct_id, m.component
  )
  insert into ${table("memberships")} (edition, distinct_id, component, from_position, to_position)
  select ${id}::bigint, leaving.distinct_id, moves.component, moves.from_position, moves.to_position
  from leaving join moves on moves.stored = leaving.component and moves.component is not null`

/** Ends memberships, and deletes those that begin at their end, because they held at no position. */
const closeMemberships = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["closedMemberships"],
): Statement => sql`
  with closed as (
    select * from unnest(
      ${PgArrays.texts(rows.map((row) => row.distinctId))},
      ${PgArrays.positions(rows.map((row) => row.to))}) as c (distinct_id, to_position)
  ), never as (
    delete from ${table("memberships")} m using closed where m.edition = ${id}
      and m.distinct_id = closed.distinct_id and m.from_position = closed.to_position
  )
  update ${table("memberships")} m set to_position = closed.to_position from closed
  where m.edition = ${id} and m.distinct_id = closed.distinct_id
    and m.to_position is null and m.from_position < closed.to_position`

const releaseWaiting = (
  { sql, id, table }: EditionTables.Edition,
  rows: Rows["released"],
): Statement => sql`
  update ${table("waiting_events")} w
  set released_position = r.at, released_by = r.by, person_id = r.person_id
  from unnest(${PgArrays.positions(rows.map((row) => row.event))},
    ${PgArrays.positions(rows.map((row) => row.at))}, ${PgArrays.texts(rows.map((row) => row.by))},
    ${PgArrays.uuids(rows.map((row) => row.personId))}) as r (event, at, by, person_id)
  where w.edition = ${id} and w.position = r.event`
