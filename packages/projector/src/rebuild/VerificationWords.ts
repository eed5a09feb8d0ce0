import type { Comparison } from "@onymous/persons/Editions"

/** The live edition says that it stands where its log does not reach. */
export const checkpointBeyond = (comparison: Comparison): Comparison => ({
  ...comparison,
  isSame: false,
  tables: [{ table: "checkpoints", position: comparison.position }],
})
