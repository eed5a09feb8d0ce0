import { Schema } from "effect"
import * as Parameters from "../Parameters.ts"
import * as TimelineForms from "./TimelineForms.ts"

/** Counts between two points. */
export const activity = Parameters.of({
  from: Schema.optional(Parameters.point("From here; from the beginning where there is none", "1")),
  to: Schema.optional(Parameters.point("To here; to now where there is none", "3")),
  buckets: Schema.optional(Parameters.Buckets).pipe(
    Schema.annotateKey({
      description: "In at most so many buckets, or one more; 1000 where there is no number",
      examples: [1200],
    }),
  ),
  ...Parameters.minPosition,
})

/** The cone of an id. */
export const cone = Parameters.of({
  distinct_id: Parameters.id("A distinct id", "alice"),
  events_max: Schema.optional(Parameters.EventsMax).pipe(
    Schema.annotateKey({
      description:
        "Of more events than this only the first line comes; 20,000 where there is no number",
      examples: [20_000],
    }),
  ),
  ...Parameters.minPosition,
})

/** Where a stream of updates goes on. */
export const liveHeaders = Schema.Struct({
  "last-event-id": Schema.optionalKey(
    Schema.String.annotate({
      description: "The id of the last update: a position",
      examples: ["3"],
    }),
  ),
})

const kindsExpected = `kinds, with commas between them: ${TimelineForms.kinds.join(", ")}`

const isKind = (text: string): text is TimelineForms.Kind =>
  TimelineForms.kinds.some((kind) => kind === text)

/** The kinds that a text names; all where there is none. */
export const kindsOf = (named: string | undefined): ReadonlyArray<TimelineForms.Kind> =>
  named === undefined ? TimelineForms.kinds : named.split(",").filter(isKind)

const changesFields = Parameters.of({
  after: Schema.optional(Parameters.Position).pipe(
    Schema.annotateKey({
      description: "The next ones after this position; from the beginning by default",
      examples: [1],
    }),
  ),
  ...Parameters.paging,
  kinds: Schema.optional(
    Schema.String.annotate({
      description: `Only these ${kindsExpected}`,
      examples: ["merged,refused"],
    }).check(
      Schema.makeFilter((text) =>
        text.split(",").every(isKind) ? undefined : { path: [], issue: kindsExpected },
      ),
    ),
  ),
  ...Parameters.minPosition,
})

const isOneDirection = Schema.makeFilter((query: typeof changesFields.Type) =>
  query.after === undefined || query.before === undefined
    ? undefined
    : { path: ["before"], issue: "not to be combined with after" },
)

/** Changes after a position, or before one. */
export const changes = changesFields.check(isOneDirection)

/** Merges worth a look. */
export const merges = Parameters.of({
  worth: Parameters.text("Which merges: `look`, those that are worth a look", "look").check(
    Schema.makeFilter((text) => (text === "look" ? undefined : { path: [], issue: "look" })),
  ),
  limit: Parameters.paging.limit,
  before: Schema.optional(Parameters.Position).pipe(
    Schema.annotateKey({
      description: "What comes after the merge of this event: the `next` of the answer before",
      examples: [3],
    }),
  ),
  ...Parameters.asOf,
  ...Parameters.minPosition,
})

/** Persons by a value that they held before. */
export const formerValues = Parameters.of({
  search: Parameters.text("A text that is looked for in values", "ali"),
  limit: Parameters.paging.limit,
  ...Parameters.minPosition,
})

/** Distinct ids by what they begin with. */
export const ids = Parameters.of({
  prefix: Parameters.text("What they begin with", "ali"),
  limit: Parameters.paging.limit,
  ...Parameters.asOf,
  ...Parameters.minPosition,
})
