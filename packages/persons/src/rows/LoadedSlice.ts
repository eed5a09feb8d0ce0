import type { ComponentId } from "@onymous/identity/state/Component"
import type { DistinctId } from "@onymous/identity/event/DistinctId"
import type * as Identity from "@onymous/identity/Identity"
import type { PersonId } from "@onymous/identity/state/PersonId"
import type { Position } from "@onymous/identity/event/Position"

/** The part of an identity that a page of events touches, as of the checkpoint, and what is stored of it. */
export interface Slice {
  readonly identity: Identity.Identity
  readonly stored: Stored
}

/** The stored rows of the slice that a commit may have to close or move. */
export interface Stored {
  /** The open row of each component; a component without a row has one id, and the person that it was born with. */
  readonly components: ReadonlyMap<
    ComponentId,
    { readonly from: Position; readonly personId: PersonId }
  >
  /** The components that ids of the slice are in. */
  readonly inhabited: ReadonlySet<ComponentId>
  /** How many persons of an id are gone; 0 where it is missing. */
  readonly generations: ReadonlyMap<DistinctId, number>
}
