import type { Structure, Unique } from "@onymous/database/structure/Structure"
import * as DerivedTables from "../rows/DerivedTables.ts"

/** The tables about editions, from which new derived tables learn which editions there were. */
const tablesOfEditions = ["checkpoints", "edition_beats", "retired_editions"]

const ofEdition = (table: string): Unique => ({
  name: `${table}_pkey`,
  table,
  columns: ["edition"],
  isPrimary: true,
})

/** What the step of the read model comes to. */
export const structure: Structure = {
  tables: [...tablesOfEditions, ...DerivedTables.names],
  partitions: Object.fromEntries(DerivedTables.names.map((table) => [table, `${table}_shared`])),
  uniques: [
    ...tablesOfEditions.map(ofEdition),
    {
      name: "checkpoints_live",
      table: "checkpoints",
      columns: ["project_id"],
      where: "is_live",
    },
    {
      name: "checkpoints_making",
      table: "checkpoints",
      columns: ["project_id"],
      where: "not is_live",
    },
    ...DerivedTables.names.map((table) => ({
      name: `${table}_key`,
      table,
      columns: DerivedTables.tables[table].key,
    })),
  ],
}
