import type { Change } from "@onymous/identity/state/Change"
import type { Slice } from "./LoadedSlice.ts"
import type { Recorded } from "@onymous/identity/event/Event"
import * as Identity from "@onymous/identity/Identity"
import type * as Retraction from "@onymous/identity/retraction/Retraction"
import { type Checkpoint, checkpointAfter } from "../Checkpoint.ts"
import type { Page } from "../Persons.ts"
import { fromChanges } from "./RowBuilder.ts"

/** Folds a page over its slice: what is committed together. */
export const fold = (
  from: Checkpoint,
  slice: Slice,
  page: ReadonlyArray<Recorded>,
  past: Retraction.Past | undefined,
): Page & { readonly changes: ReadonlyArray<Change> } => {
  const changes = Identity.fold(slice.identity, page, past)
  const to = checkpointAfter(from, slice.identity, page)
  return { from, to, rows: fromChanges(slice, changes), changes }
}
