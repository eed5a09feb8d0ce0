import { Schema } from "effect"

/** A position, as a number. */
export const Position = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))
const Limit = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))

/** In how many buckets something is counted. */
export const Buckets = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 1, maximum: 2000 })),
)

/** How many events of a cone are told at most. */
export const EventsMax = Schema.Int.pipe(
  Schema.check(Schema.isBetween({ minimum: 1, maximum: 20_000 })),
)

const Truth = Schema.Literals(["true", "false"])

/** True by its name alone, too, as in `?verify_only`. */
const Flag = Schema.Literals(["", "true", "false"])

/** The parameters that are numbers: a query has their digits, and documents say what they are. */
export const numbers: Readonly<Record<string, Schema.Codec<number>>> = {
  limit: Limit,
  before: Position,
  after: Position,
  buckets: Buckets,
  events_max: EventsMax,
  lines_before: Position,
  min_position: Position,
}

/** What a parameter says, and one such value. */
const told = <Value extends string | number>(description: string, example: Value) => ({
  description,
  examples: [example],
})

const unknown = "no such parameter"

/** The project in the path. */
export const params = { project: Schema.String.annotate(told("Id of the project", "1")) }

/** A text that the query must have. */
export const text = (description: string, example: string) =>
  Schema.String.annotate(told(description, example)).annotateKey({ messageMissingKey: "a text" })

const idExpected = "a distinct id"

const anId = (description: string, example: string) =>
  Schema.String.annotate(told(description, example)).check(
    Schema.isNonEmpty({ message: idExpected }),
  )

/** A distinct id that the query must have: none is empty. */
export const id = (description: string, example: string) =>
  anId(description, example).annotateKey({ messageMissingKey: idExpected })

const textIfAny = (description: string, example: string) =>
  Schema.optional(Schema.String.annotate(told(description, example)))

/** A flag that the query may have. */
export const flag = (description: string) =>
  Schema.optional(Flag.annotate(told(description, "true")))

/** A point: a position, an ISO time, the uuid of an event, or `2h ago`. */
export const Point = Schema.String.annotateKey({
  messageMissingKey: "a position, an ISO time, an event's uuid, or 2h ago",
})

/** A point that the query must have. */
export const point = (description: string, example: string) =>
  Schema.String.annotate(
    told(`${description}: a position, an ISO time, an event's uuid, or 2h ago`, example),
  ).annotateKey({ messageMissingKey: "a position, an ISO time, an event's uuid, or 2h ago" })

/** The parameters of a question; an unknown one is refused by its name. */
export const of = <Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct(fields).annotate({ messageUnexpectedKey: unknown })

/** No parameters: a struct without fields would accept any. */
export const none = Schema.Record(Schema.String, Schema.Never.annotate({ message: unknown }))

/** Waits until the persons are at this position, for at most ten seconds. */
export const minPosition = {
  min_position: Schema.optional(Position).pipe(
    Schema.annotateKey(
      told("Waits until the persons are at this position, for at most ten seconds", 3),
    ),
  ),
}

/** Leaves out the project's own people, by the policy's `internal_users` (SPEC §7). */
const internalFilter = {
  filter_internal: Schema.optional(
    Truth.annotate(
      told("Leaves out the project's own people, by the policy's internal_users", "true"),
    ),
  ),
}

/** Answers as of a point. */
export const asOf = { at: Schema.optional(point("Answers as of then", "3")) }

/** At most `limit` results, before the position `before`. */
export const paging = {
  limit: Schema.optional(Limit).pipe(Schema.annotateKey(told("At most so many results", 100))),
  before: Schema.optional(Position).pipe(
    Schema.annotateKey(told("Only what comes before this position", 3)),
  ),
}

/** What the log has after a position. */
export const following = of({
  after: Schema.optional(Position).pipe(
    Schema.annotateKey(told("Only what comes after this position; all by default", 1)),
  ),
  limit: paging.limit,
  wait: flag("Waits for an event where there is none yet, for at most ten seconds"),
})

const linesBefore = {
  lines_before: Schema.optional(Position).pipe(
    Schema.annotateKey(
      told("How many lines of the file came before these; a line without a uuid is known by it", 0),
    ),
  ),
}

/** Where lines stand in their file. */
export const linesOfProject = of(linesBefore)

/** Where lines stand in their file, and whose they are. */
export const lines = of({
  project: textIfAny("The project of lines that name none; A by default, as for replay", "1"),
  ...linesBefore,
})

/** A distinct id, of whose person the answer is. */
export const ofPerson = {
  distinct_id: Schema.optional(anId("A distinct id: only what is about its person", "alice")),
}

const search = { search: textIfAny("A text that is looked for", "ali") }

const personsFields = of({
  ...ofPerson,
  person_id: Schema.optional(
    Schema.String.annotate(
      told("The id of a person: only that one", "5b1b9a1c-6b0a-5a3e-9d1f-2f7f0b8f8c11"),
    ).check(
      Schema.makeFilter((text) =>
        /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
          ? undefined
          : { path: [], issue: "the id of a person, which is a uuid" },
      ),
    ),
  ),
  ...search,
  limit: paging.limit,
  cursor: textIfAny(
    "The `next` of the answer before",
    "1666699200000_00000000-0000-4000-8000-000000000003",
  ),
  ...asOf,
  ...internalFilter,
  ...minPosition,
})

type PersonsQuery = typeof personsFields.Type

/** A distinct id leads to one person at most, so a search beside it makes no sense. */
const isOneOrMany = Schema.makeFilter(({ distinct_id, person_id, search }: PersonsQuery) => {
  if (search !== undefined && (distinct_id ?? person_id) !== undefined) {
    const other = distinct_id === undefined ? "person_id" : "distinct_id"
    return { path: ["search"], issue: `not to be combined with ${other}` }
  }
  return distinct_id !== undefined && person_id !== undefined
    ? { path: ["person_id"], issue: "not to be combined with distinct_id" }
    : undefined
})

export const persons = personsFields.check(isOneOrMany)

export const events = of({ ...ofPerson, ...paging, ...asOf, ...internalFilter, ...minPosition })

export const waitingEvents = of({
  released: Schema.optional(
    Truth.annotate(told("Also those that have waited, and are released", "true")),
  ),
  ...paging,
  ...asOf,
  ...minPosition,
})

export const warnings = of({
  all: flag("Also those that are older than 30 days"),
  type: textIfAny("Only those of this type", "cannot_merge_already_identified"),
  ...search,
  ...ofPerson,
  ...asOf,
  ...minPosition,
})
