import type { Checkpoint } from "@onymous/persons/Checkpoint"
import type { Comparison } from "@onymous/persons/Editions"

/** What a comparison with the live edition, where it was seen, has found; nothing where that has moved meanwhile. */
export const findingOf = (
  comparison: Comparison,
  { position }: Checkpoint,
  live: Checkpoint | undefined,
): Comparison | undefined => {
  const wrong = (reason?: string): Comparison => ({
    ...comparison,
    isSame: false,
    tables: [{ table: "checkpoints", position: comparison.position, ...(reason && { reason }) }],
  })
  if (live === undefined) return position === 0 ? comparison : wrong("nothing is live")
  // It says that it stands where its log does not reach.
  if (live.position > position) return wrong()
  // An edition that is behind its log is compared by its persons alone: the new one does not go back.
  return comparison.tables !== undefined || live.position < position ? comparison : undefined
}
