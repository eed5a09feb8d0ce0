import { Schema } from "effect"

const Position = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))
const Limit = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))
const Truth = Schema.Literals(["true", "false"])

/** True by its name alone, too, as in `?verify_only`. */
export const Flag = Schema.Literals(["", "true", "false"])

const unknown = "no such parameter"

/** A text that the query must have. */
export const text = Schema.String.annotateKey({ messageMissingKey: "a text" })

/** A point: a position, an ISO time, the uuid of an event, or `2h ago`. */
export const Point = Schema.String.annotateKey({
  messageMissingKey: "a position, an ISO time, an event's uuid, or 2h ago",
})

/** The parameters of a question; an unknown one is refused by its name. */
export const of = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotate({ messageUnexpectedKey: unknown })

/** No parameters: a struct without fields would accept any. */
export const none = Schema.Record(Schema.String, Schema.Never.annotate({ message: unknown }))

/** Waits until the persons are at this position, for at most ten seconds. */
export const minPosition = { min_position: Schema.optional(Position) }

/** Leaves out the project's own people, by the policy's `internal_users` (SPEC §7). */
export const internalFilter = { filter_internal: Schema.optional(Truth) }

/** Answers as of a point. */
export const asOf = { at: Schema.optional(Point) }

/** At most `limit` results, before the position `before`. */
export const paging = { limit: Schema.optional(Limit), before: Schema.optional(Position) }

const personsFields = of({
  distinct_id: Schema.optional(Schema.String),
  search: Schema.optional(Schema.String),
  limit: paging.limit,
  cursor: Schema.optional(Schema.String),
  ...asOf,
  ...internalFilter,
  ...minPosition,
})

/** A distinct id leads to one person at most, so a search beside it makes no sense. */
const isOneOrMany = Schema.makeFilter((query: typeof personsFields.Type) =>
  query.distinct_id === undefined || query.search === undefined
    ? undefined
    : { path: ["search"], issue: "not to be combined with distinct_id" },
)

export const persons = personsFields.check(isOneOrMany)

export const events = of({
  distinct_id: Schema.optional(Schema.String),
  ...paging,
  ...asOf,
  ...internalFilter,
  ...minPosition,
})

export const waitingEvents = of({
  released: Schema.optional(Truth),
  ...paging,
  ...asOf,
  ...minPosition,
})

export const warnings = of({
  /** Also those that are older than 30 days. */
  all: Schema.optional(Flag),
  type: Schema.optional(Schema.String),
  search: Schema.optional(Schema.String),
  distinct_id: Schema.optional(Schema.String),
  ...asOf,
  ...minPosition,
})
