import { Schema } from "effect"

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

/** An event and whose it is now. */
export const Event = Schema.Struct({
  position: Schema.Int,
  uuid: Schema.String,
  event: Schema.String,
  distinct_id: Schema.String,
  properties: Properties,
  timestamp: Time,
  received_at: Time,
  status: Schema.Literals(["attributed", "pending", "dropped"]),
  person_id: Schema.NullOr(Schema.String),
})

/** Events, newest first; `next` is the `before` of the next page. */
export const Events = Schema.Struct({
  results: Schema.Array(Event),
  next: Schema.NullOr(Schema.Int),
  position: Schema.Int,
})

export const Warning = Schema.Struct({
  type: Schema.String,
  position: Schema.Int,
  timestamp: Time,
  event_uuid: Schema.String,
  details: Properties,
})

/** The warnings of one type: how many, the newest, and what would make their events pass. */
export const WarningGroup = Schema.Struct({
  type: Schema.String,
  count: Schema.Int,
  last_seen: Time,
  remedy: Schema.String,
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
