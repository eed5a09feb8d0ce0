import { Array as Arr, Effect } from "effect"
import type { Statement } from "effect/sql"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import type { Checkpoint } from "../../Checkpoint.ts"
import * as EditionId from "../../migrations/EditionId.ts"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import type { Table } from "../../rows/RowChanges.ts"

const tablesWritten = (when: DerivedTables.DerivedTable<never>["written"]): ReadonlyArray<Table> =>
  DerivedTables.names.filter((name) => DerivedTables.tables[name].written === when)

/** The tables whose rows a load has written before its last page. */
export const decidedTables = tablesWritten("decided")

/** The tables of one edition. It names partitions, so that Postgres plans for no others. */
export interface Edition {
  readonly sql: Sql
  readonly id: string
  readonly table: (name: Table) => Statement.Identifier
  /**
   * Adds an `on conflict` clause, except while the edition is loading, because then it has neither such rows nor an
   * index.
   */
  readonly onConflict: (clause: Statement.Fragment) => Statement.Fragment
}

/** The edition of a checkpoint. */
export const of = (sql: Sql, { edition: id, stage }: Checkpoint): Edition => ({
  sql,
  id,
  table: (name) => sql.ours(EditionId.partitionOf(name, id)),
  onConflict: (clause) => (stage === "ready" ? clause : sql``),
})

/** How many rows a statement writes: preparing more would block the process for too long. */
export const rowsPerStatement = 2500

/** Writes rows, a statement for each chunk, and none where there are no rows. */
export const inChunks = <A, E, R>(
  rows: ReadonlyArray<A>,
  statement: (chunk: ReadonlyArray<A>) => Effect.Effect<unknown, E, R>,
): Effect.Effect<void, E, R> =>
  Effect.forEach(Arr.chunksOf(rows, rowsPerStatement), statement, { discard: true })
