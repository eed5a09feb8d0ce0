import { Schema } from "effect"
import { Policy } from "@onymous/identity/policy/Policy"

const Properties = Schema.Record(Schema.String, Schema.Unknown)

/** ISO 8601 with milliseconds, in UTC. */
const Time = Schema.String

/** A person with its distinct ids, sorted. */
export const Person = Schema.Struct({
  id: Schema.String,
  distinct_ids: Schema.Array(Schema.String),
  properties: Properties,
  is_identified: Schema.Boolean,
  created_at: Time,
  version: Schema.Int,
})

/** Persons, newest first; `next` asks for more; `position` is where the persons are in the log. */
export const Persons = Schema.Struct({
  results: Schema.Array(Person),
  next: Schema.NullOr(Schema.String),
  position: Schema.Int,
})

/** How an event waited for one that merges its id: until when, and what released it. */
export const Waiting = Schema.Struct({
  due_at: Time,
  reason: Schema.Literal("unknown_distinct_id"),
  released_position: Schema.NullOr(Schema.Int),
  released_by: Schema.NullOr(Schema.Literals(["event", "tick", "retraction"])),
})

/** An event, whose it is now, and whose it was when it was processed. */
export const Event = Schema.Struct({
  position: Schema.Int,
  uuid: Schema.String,
  event: Schema.String,
  distinct_id: Schema.String,
  properties: Properties,
  timestamp: Time,
  received_at: Time,
  status: Schema.Literals(["attributed", "pending", "dropped", "personless"]),
  person_id: Schema.NullOr(Schema.String),
  stamped_person_id: Schema.NullOr(Schema.String),
  waiting: Schema.NullOr(Waiting),
})

/** Events, newest first; `next` is the `before` of the next page. */
export const Events = Schema.Struct({
  results: Schema.Array(Event),
  next: Schema.NullOr(Schema.Int),
  position: Schema.Int,
})

const Warning = Schema.Struct({
  type: Schema.String,
  position: Schema.Int,
  timestamp: Time,
  event_uuid: Schema.String,
  details: Properties,
})

/** How many warnings came on a day, in UTC. */
const Day = Schema.Struct({ day: Schema.String, count: Schema.Int })

/** The warnings of one type: how many, day by day, the newest, and what would make their events pass. */
export const WarningGroup = Schema.Struct({
  type: Schema.String,
  count: Schema.Int,
  last_seen: Time,
  remedy: Schema.String,
  sparkline: Schema.Array(Day),
  warnings: Schema.Array(Warning),
})

export const Warnings = Schema.Struct({
  results: Schema.Array(WarningGroup),
  position: Schema.Int,
})

/** Where the log ends, how far the persons are, and the hash of what they come to. */
export const Status = Schema.Struct({
  project: Schema.String,
  head: Schema.Int,
  checkpoint: Schema.Int,
  lag: Schema.Int,
  state_hash: Schema.String,
  log_id: Schema.String,
})

/** An event that waits, or had waited. */
export const WaitingEvent = Schema.Struct({
  position: Schema.Int,
  distinct_id: Schema.String,
  ...Waiting.fields,
  person_id: Schema.NullOr(Schema.String),
})

/** Waiting events, newest first; `next` is the `before` of the next page. */
export const WaitingEvents = Schema.Struct({
  results: Schema.Array(WaitingEvent),
  next: Schema.NullOr(Schema.Int),
  position: Schema.Int,
})

/** The rules of a project as they are now. */
export const CurrentPolicy = Schema.Struct({ policy: Policy, position: Schema.Int })

/** Where in the log lies what was asked for; persons follow, and `min_position` waits for them. */
export const Recorded = Schema.Struct({ position: Schema.Int })

/** Where in the log the retraction lies, and its uuid: retracted in turn, it is as if it never was. */
export const Retracted = Schema.Struct({ position: Schema.Int, event_uuid: Schema.String })

/** An answer about the past, in the form that the command line prints with `--json`. */
export const Past = Schema.Record(Schema.String, Schema.Json)

const rebuildStep = {
  position: Schema.Int,
  head: Schema.Int,
  state_hash: Schema.optionalKey(Schema.String),
  published: Schema.optionalKey(Schema.Boolean),
  compared_at: Schema.optionalKey(Schema.Int),
  same: Schema.optionalKey(Schema.Boolean),
  differing_persons: Schema.optionalKey(Schema.Array(Schema.String)),
}

/**
 * How far a rebuild is; the last two tell how it compares with what is live, before it takes its place, and
 * what it came to. One that cannot go on ends with why.
 */
export const RebuildStep = Schema.Union([
  Schema.Struct(rebuildStep),
  Schema.Struct({ error: Schema.String }),
])

/** The same, of one of all projects. */
export const RebuildStepOfProject = Schema.Union([
  Schema.Struct({ project: Schema.String, ...rebuildStep }),
  Schema.Struct({ project: Schema.String, error: Schema.String }),
])
