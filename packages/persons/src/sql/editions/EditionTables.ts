import { Array as Arr, Effect } from "effect"
import type { Statement } from "effect/sql"
import type { Sql } from "@onymous/database/sql/SchemaClient"
import type { Checkpoint } from "../../Checkpoint.ts"
import * as EditionId from "../../migrations/EditionId.ts"
import * as DerivedTables from "../../rows/DerivedTables.ts"
import type { Table } from "../../rows/RowChanges.ts"

const written = (when: DerivedTables.DerivedTable<never>["written"]): ReadonlyArray<Table> =>
  DerivedTables.names.filter((name) => DerivedTables.tables[name].written === when)

/** The tables of which a load has written all rows before its end. */
export const decided = written("decided")

/** Where a projector writes: it knows its edition, so that no other partition is planned for. */
export interface Edition {
  readonly sql: Sql
  readonly id: string
  readonly table: (name: Table) => Statement.Identifier
  /** A clause for rows that may be there; while it is loading there are none, and no index that knows. */
  readonly onConflict: (clause: Statement.Fragment) => Statement.Fragment
}

/** The edition of a checkpoint. */
export const of = (sql: Sql, { edition: id, stage }: Checkpoint): Edition => ({
  sql,
  id,
  table: (name) => sql.ours(EditionId.partitionOf(name, id)),
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
