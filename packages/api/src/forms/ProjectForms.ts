import { Schema } from "effect"
import { Time, timeOf } from "./Listing.ts"
import { Policy } from "@onymous/identity/policy/Policy"

/** Requests that capture refused for one reason: how many, and what was told to the last of them. */
const Refused = Schema.Struct({
  status: Schema.Int,
  code: Schema.String,
  count: Schema.Int,
  last_at: Time,
  detail: Schema.String,
})

const RefusedOf = Schema.Struct({
  project: Schema.NullOr(Schema.String),
  token: Schema.NullOr(Schema.String),
  ...Refused.fields,
})

/** What capture refused since a server started: of a project, of a token that is no project's, or of neither. */
export const Refusals = Schema.Struct({ since: Time, results: Schema.Array(RefusedOf) })

interface RefusalView {
  readonly project: string | undefined
  readonly token: string | undefined
  readonly status: number
  readonly code: string
  readonly count: number
  readonly lastAt: number
  readonly detail: string
}

/** The form of refusals of one reason. */
export const refused = ({
  status,
  code,
  count,
  lastAt,
  detail,
}: RefusalView): typeof Refused.Type => ({
  status,
  code,
  count,
  last_at: timeOf(lastAt),
  detail,
})

/** The form of all refusals. */
export const refusals = (
  since: number,
  views: ReadonlyArray<RefusalView>,
): typeof Refusals.Type => ({
  since: timeOf(since),
  results: views.map((view) => ({
    project: view.project ?? null,
    token: view.token ?? null,
    ...refused(view),
  })),
})

/**
 * The log's head, the position of the persons, and their state hash. A lag of `null` says that the log is not the
 * one that the persons were derived from; `stopped` says why the persons stay where they are. `refused` is what this
 * server did not take of the project's events since it started.
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
  refused: Schema.Array(Refused),
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
