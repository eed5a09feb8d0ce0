import { Schema } from "effect"
import { Policy } from "@onymous/identity/policy/Policy"

/** The log's head, the position of the persons, and their state hash. */
export const Status = Schema.Struct({
  project: Schema.String,
  head: Schema.Int,
  checkpoint: Schema.Int,
  lag: Schema.Int,
  state_hash: Schema.String,
  log_id: Schema.String,
})

/** The policy of a project, as of a position. */
export const CurrentPolicy = Schema.Struct({ policy: Policy, position: Schema.Int })

/**
 * The position of the event that the request appended. Persons follow; `min_position` waits for
 * them.
 */
export const EventPosition = Schema.Struct({ position: Schema.Int })

/** The position and the uuid of the retraction; retracting it restores the event. */
export const RetractionPosition = Schema.Struct({ position: Schema.Int, event_uuid: Schema.String })
