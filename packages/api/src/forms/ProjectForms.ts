import { Schema } from "effect"
import { Policy } from "@onymous/identity/policy/Policy"

/** Where the log ends, how far the persons are, and the hash of what they come to. */
export const Status = Schema.Struct({
  project: Schema.String,
  head: Schema.Int,
  checkpoint: Schema.Int,
  lag: Schema.Int,
  state_hash: Schema.String,
  log_id: Schema.String,
})

/** The rules of a project, as of a position. */
export const CurrentPolicy = Schema.Struct({ policy: Policy, position: Schema.Int })

/** Where in the log lies what was asked for; persons follow, and `min_position` waits for them. */
export const Recorded = Schema.Struct({ position: Schema.Int })

/** Where in the log the retraction lies, and its uuid: retracted in turn, it is as if it never was. */
export const Retracted = Schema.Struct({ position: Schema.Int, event_uuid: Schema.String })
