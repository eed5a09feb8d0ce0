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
 * The position of the event that an act appended, and the uuid by which a retraction names it. Persons
 * follow; `min_position` waits for them.
 */
export const Act = Schema.Struct({ position: Schema.Int, event_uuid: Schema.String })

/** The form of an act. */
export const act = (done: {
  readonly position: number
  readonly uuid: string
}): typeof Act.Type => ({ position: done.position, event_uuid: done.uuid })
