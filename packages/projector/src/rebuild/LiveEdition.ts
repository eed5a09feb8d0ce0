import { Effect } from "effect"
import { zero } from "@onymous/identity/event/Position"
import type { Checkpoint, StoredCheckpoint } from "@onymous/persons/Checkpoint"
import { Editions } from "@onymous/persons/Editions"
import { PersonStore } from "@onymous/persons/PersonStore"
import { isOf } from "../page/ProjectPage.ts"

/**
 * The live edition's position, which the new edition must reach before it is published; 0 for an
 * edition of another log.
 */
export const positionOf = Effect.fnUntraced(function* (
  live: StoredCheckpoint | undefined,
  logId: string,
) {
  return live !== undefined && (yield* isOf(live, logId)) ? live.position : zero
})

/**
 * Claims the live edition, which stops its projector: events may arrive faster than two projectors
 * can follow.
 */
export const fence = Effect.fnUntraced(function* ({ project, logId }: Checkpoint) {
  return yield* (yield* Editions).fence(project, logId)
})

/** Fences the live edition until the scope closes, and then gives it back to its owner. */
export const hold = (edition: Checkpoint) =>
  Effect.acquireRelease(fence(edition), (claimed) =>
    claimed === undefined
      ? Effect.void
      : Effect.flatMap(PersonStore, (store) =>
          Effect.ignore(store.release(claimed), { log: "Debug" }),
        ),
  )
