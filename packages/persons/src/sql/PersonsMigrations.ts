import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { Former, Migrations } from "@onymous/database/Migrations"
import persons from "../migrations/0001_persons.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"
import { apartFrom, partitionOf } from "../EditionId.ts"

/** The editions that a version before has put into partitions of their own; not all of these are attached. */
const apartOf = Effect.fnUntraced(function* (done: ReadonlySet<string>) {
  if (!done.has("0006_apart")) return []
  const sql = yield* SqlClient.SqlClient
  return yield* sql<{ readonly edition: number }>`
    select edition from checkpoints where edition >= ${apartFrom}
    union select edition from retired_editions where edition >= ${apartFrom}`
})

/**
 * The rows that an earlier version derived are dropped, and the projector derives them again from the log: as the live edition,
 * what was in the making and what was retired. The sequence of editions stays: see the first step.
 */
const bring = Effect.fnUntraced(function* (done: ReadonlySet<string>) {
  const sql = yield* SqlClient.SqlClient
  const apart = yield* apartOf(done)
  const partitions = apart.flatMap(({ edition }) =>
    DerivedTables.names.map((table) => partitionOf(table, `${edition}`)),
  )
  const others = ["checkpoints", "edition_beats", "retired_editions"]
  for (const table of [...partitions, ...DerivedTables.names, ...others]) {
    yield* sql`drop table if exists ${sql(table)}`
  }
  yield* persons
  yield* Effect.logInfo("What an earlier version had derived is derived again from the log.")
})

const former: Former = {
  table: "projector_migrations",
  names: [
    "0001_persons",
    "0002_waiting",
    "0003_editions",
    "0004_retractions",
    "0005_numbers",
    "0006_apart",
    "0007_bytes",
    "0008_beats",
    "0009_versions",
    "0010_beaten",
  ],
  bring,
}

/** The tables of the read model. */
export const migrations: Migrations = {
  table: "persons_migrations",
  steps: { "0001_persons": persons },
  former,
}
