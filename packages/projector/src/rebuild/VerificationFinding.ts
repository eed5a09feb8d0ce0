import type { Checkpoint, StoredCheckpoint } from "@onymous/persons/Checkpoint"
import type { Comparison } from "@onymous/persons/Editions"

/**
 * The finding of a comparison with the live edition as observed; undefined where the live edition has moved
 * meanwhile.
 */
export const findingOf = (
  comparison: Comparison,
  { position }: Checkpoint,
  live: StoredCheckpoint | undefined,
): Comparison | undefined => {
  const wrong = (reason?: string): Comparison => ({
    ...comparison,
    isSame: false,
    tables: [{ table: "checkpoints", position: comparison.position, ...(reason && { reason }) }],
  })
  if (live === undefined) return position === 0 ? comparison : wrong("nothing is live")
  // The live checkpoint claims a position that its log does not reach.
  if (live.position > position) return wrong()
  // A live edition behind its log is compared by its persons alone, because the new edition cannot go back to its position.
  return comparison.tables !== undefined || live.position < position ? comparison : undefined
}
