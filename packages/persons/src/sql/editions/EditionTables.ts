import { Array as Arr, Effect } from "effect"
import type { SqlClient, Statement } from "effect/sql"
import type { Checkpoint } from "../../Checkpoint.ts"

/**
 * Tables of what still holds: a load writes the last of their rows at its end. Those that take longest come
 * first.
 */
const held = [
  "memberships",
  "persons",
  "cone_members",
  "components",
  "cones",
  "waiting_events",
  "refusals",
] as const

/** Tables of what was decided once: a load has written all of their rows before its end. */
export const decided = [
  "links",
  "warnings",
  "dropped_events",
  "state_hashes",
  "personless_ids",
  "generations",
  "policies",
] as const

/** The tables of the read model, each partitioned by edition. */
export const tables = [...held, ...decided] as const

export type Table = (typeof tables)[number]

/** Editions from this number on lie apart, each in partitions of its own. */
export const apartFrom = 1_099_511_627_776

/** True for an edition in partitions of its own. */
export const isApart = (edition: string): boolean => Number(edition) >= apartFrom

/** The partition of a table in which an edition lies. */
export const partitionOf = (table: Table, edition: string): string =>
  `${table}_${isApart(edition) ? edition : "shared"}`

/** Where a projector writes: it knows its edition, so that no other partition is planned for. */
export interface Edition {
  readonly sql: SqlClient.SqlClient
  readonly id: string
  readonly table: (name: Table) => Statement.Fragment
  /** A clause for rows that may be there; while it is loading there are none, and no index that knows. */
  readonly onConflict: (clause: Statement.Fragment) => Statement.Fragment
}

/** The edition of a checkpoint. */
export const of = (sql: SqlClient.SqlClient, { edition: id, stage }: Checkpoint): Edition => ({
  sql,
  id,
  table: (name) => sql`${sql(partitionOf(name, id))}`,
  onConflict: (clause) => (stage === "ready" ? clause : sql``),
})

/** How many rows a statement writes: more would hold up what else this process does. */
const rowsPerStatement = 2500

/** Writes rows, a statement for each chunk. */
export const inChunks = <A, E, R>(
  rows: ReadonlyArray<A>,
  statement: (chunk: ReadonlyArray<A>) => Effect.Effect<unknown, E, R>,
): Effect.Effect<void, E, R> =>
  Effect.forEach(Arr.chunksOf(rows, rowsPerStatement), statement, { discard: true })
