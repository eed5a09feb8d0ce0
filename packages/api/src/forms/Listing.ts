import { Schema } from "effect"

/** ISO 8601 with milliseconds, in UTC. */
export const Time = Schema.String.annotate({
  description: "A time, in ISO 8601 with milliseconds, in UTC",
  examples: ["2022-10-25T12:00:00.000Z"],
})

/** Epoch milliseconds as a `Time`. */
export const timeOf = (milliseconds: number): typeof Time.Type =>
  new Date(milliseconds).toISOString()

/** A position in the log. */
export const At = Schema.Int.annotate({
  description: "A position in the log: 1, 2, 3 … without gaps",
  examples: [3],
})

/** A distinct id. */
export const Id = Schema.String.annotate({
  description: "A distinct id: a name by which a client knows somebody",
  examples: ["alice"],
})

/** The id of a person. */
export const PersonId = Schema.String.annotate({
  description: "The id of a person, a UUID that a replay gives again",
  examples: ["5b1b9a1c-6b0a-5a3e-9d1f-2f7f0b8f8c11"],
})

/** The uuid of an event. */
export const EventUuid = Schema.String.annotate({
  description: "The uuid of an event",
  examples: ["00000000-0000-4000-8000-000000000003"],
})

/** The name of an event. */
export const EventName = Schema.String.annotate({
  description: "The name of an event; of an operator's act, what it is",
  examples: ["$identify"],
})

/** The id of a project. */
export const Project = Schema.String.annotate({
  description: "The id of a project",
  examples: ["1"],
})

/** A number of things. */
export const Count = Schema.Int.annotate({ description: "How many there are", examples: [2] })

/** The hash of a state. */
export const StateHash = Schema.String.annotate({
  description: "32 hexadecimal digits: equal states have equal hashes",
  examples: ["9b1c0f6f2f0e4a7d8c3b5a6978e0d1f2"],
})

/** A truth, and what it says. */
export const truth = (description: string) => Schema.Boolean.annotate({ description })

/** A text, what it says, and one such text. */
export const text = (description: string, example: string) =>
  Schema.String.annotate({ description, examples: [example] })

/** Properties as their client sent them. */
export const Properties = Schema.Record(Schema.String, Schema.Json).annotate({
  description: "Properties by name, as clients sent them",
  examples: [{ plan: "pro" }],
})

/**
 * A page of results. `next` asks for the page after it; `position` is the position of the persons.
 */
export const pageOf = <Result extends Schema.Constraint, Next extends Schema.Constraint>(
  result: Result,
  next: Next,
  description: string,
) =>
  Schema.Struct({
    results: Schema.Array(result).annotate({ description: "The results, newest first" }),
    next: Schema.NullOr(next).annotate({
      description: "What asks for the next page; null where there is none",
    }),
    position: At.annotate({ description: "The position that the answer is as of" }),
  }).annotate({ description })
