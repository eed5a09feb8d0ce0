import { Effect } from "effect"
import { SchemaClient } from "@onymous/database/sql/SchemaClient"
import type { Former, Migrations } from "@onymous/database/Migrations"
import * as DerivationVersion from "../DerivationVersion.ts"
import { apartFrom, partitionOf } from "../migrations/EditionId.ts"
import persons from "../migrations/0001_persons.ts"
import * as DerivedTables from "../rows/DerivedTables.ts"

/** All derived tables, of this version and of earlier ones. */
const derivedTablesEver = [...DerivedTables.names, "cones", "cone_members"] as const

/** The editions that lie apart; some of their partitions may not be attached. */
const apartEditions = Effect.gen(function* () {
  const sql = yield* SchemaClient
  return yield* sql<{ readonly edition: number }>`
    select edition from ${sql.ours("checkpoints")} where edition >= ${apartFrom}
    union select edition from ${sql.ours("retired_editions")} where edition >= ${apartFrom}`
})

/** The tables about editions. */
const editionTables = ["checkpoints", "edition_beats", "retired_editions"]

/**
 * Drops all editions of an earlier version, because its rules or its tables differ from ours; the projector derives
 * them again from the log. The sequence of editions stays, because numbers are never given twice.
 */
const deriveAgain = Effect.fnUntraced(function* (hasPartitions: boolean) {
  const sql = yield* SchemaClient
  const apart = hasPartitions ? yield* apartEditions : []
  const partitions = apart.flatMap(({ edition }) =>
    derivedTablesEver.map((table) => partitionOf(table, `${edition}`)),
  )
  for (const table of [...partitions, ...derivedTablesEver, ...editionTables]) {
    yield* sql`drop table if exists ${sql.ours(table)}`
  }
  yield* persons
  yield* Effect.logInfo("What an earlier version had derived is derived again from the log.")
})

const stepOf = (version: number): string => `derived_${`${version}`.padStart(4, "0")}`

/** The steps from the time when the tables of persons belonged to the projector. */
const projectorSteps: Former = {
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
  bring: (done) => deriveAgain(done.has("0006_apart")),
}

/** The steps of earlier derivation versions. */
const earlierVersions: Former = {
  table: "persons_migrations",
  names: [
    "0001_persons",
    ...Array.from({ length: DerivationVersion.version - 1 }, (_, index) => stepOf(index + 1)),
  ],
  bring: () => deriveAgain(true),
}

/** The tables of the read model. */
export const migrations: Migrations = {
  table: "persons_migrations",
  makes: [...derivedTablesEver, ...editionTables, "editions"],
  steps: { [stepOf(DerivationVersion.version)]: persons },
  former: [projectorSteps, earlierVersions],
}
