import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type * as Identity from "@onymous/identity/Identity"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"

/** Whose ids a page of events touches, as they stand at the checkpoint. */
export interface Slice {
  readonly identity: Identity.Identity
  readonly stored: Stored
}

/** Which rows of the slice are in the tables already: the ones that a commit has to close or move. */
export interface Stored {
  /** The open row of each component; one without a row has one id, and the person it was born with. */
  readonly components: ReadonlyMap<
    ComponentId,
    { readonly from: Position; readonly personId: PersonId }
  >
  /** The components that ids of the slice are in. */
  readonly inhabited: ReadonlySet<ComponentId>
  /** How many persons of an id are gone; 0 where it is missing. */
  readonly generations: ReadonlyMap<DistinctId, number>
}
