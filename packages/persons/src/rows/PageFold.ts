import type { Change } from "@onymous/identity/state/Change"
import type { Slice } from "./LoadedSlice.ts"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type * as ConePast from "@onymous/identity/retraction/ConePast"
import { type Checkpoint, checkpointAfter } from "../Checkpoint.ts"
import { fromChanges } from "./RowBuilder.ts"
import type { Rows } from "./RowChanges.ts"
import type { Turns } from "./WorkInTurns.ts"

/** Folds a page over its slice, in turns. */
export const fold = function* (
  from: Checkpoint,
  slice: Slice,
  page: ReadonlyArray<Recorded>,
  past: ConePast.Past | undefined,
): Turns<Page & { readonly changes: ReadonlyArray<Change> }> {
  const changes = yield* Identity.foldInTurns(slice.identity, page, past)
  const to = checkpointAfter(from, slice.identity, page)
  return { from, to, rows: yield* fromChanges(slice, changes), changes }
}

/** A folded page of events: its rows and its checkpoint are committed together. */
export interface Page {
  readonly from: Checkpoint
  /** `from`, moved over the page. */
  readonly to: Checkpoint
  /** The rows that the page adds and changes. */
  readonly rows: Rows
}
