import { Schema } from "effect"
import { Time, timeOf } from "./Listing.ts"
import { Policy } from "@onymous/identity/policy/Policy"

/**
 * The log's head, the position of the persons, and their state hash. A lag of `null` says that the log is not the
 * one that the persons were derived from; `stopped` says why the persons stay where they are.
 */
export const Status = Schema.Struct({
  project: Schema.String,
  head: Schema.Int,
  checkpoint: Schema.Int,
  lag: Schema.NullOr(Schema.Int),
  lag_seconds: Schema.NullOr(Schema.Int),
  stopped: Schema.NullOr(Schema.String),
  state_hash: Schema.String,
  log_id: Schema.String,
})

const ListedProject = Schema.Struct({
  project: Schema.String,
  token: Schema.String,
  events: Schema.Int,
  first_event_at: Schema.NullOr(Time),
  last_event_at: Schema.NullOr(Time),
  has_key: Schema.Boolean,
})

/** All projects, by id: the public token, the number of events, and whether a secret key opens it. */
export const Projects = Schema.Struct({ results: Schema.Array(ListedProject) })

/** The form of a project in the list. */
export const listedProject = (view: {
  readonly id: string
  readonly token: string
  readonly events: number
  readonly firstAt: number | undefined
  readonly lastAt: number | undefined
  readonly hasKey: boolean
}): typeof ListedProject.Type => ({
  project: view.id,
  token: view.token,
  events: view.events,
  first_event_at: view.firstAt === undefined ? null : timeOf(view.firstAt),
  last_event_at: view.lastAt === undefined ? null : timeOf(view.lastAt),
  has_key: view.hasKey,
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
