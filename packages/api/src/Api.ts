import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Answers from "./Answers.ts"
import { InvalidQuestion, NotReached, PersonNotFound, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"

const Position = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))
const Limit = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))

const params = { project: Schema.String }

/** Every question may wait until the persons are at a position, for at most ten seconds. */
const waiting = { min_position: Schema.optional(Position) }

const Truth = Schema.Literals(["true", "false"])

/** Leaves out the project's own people, as its policy's `internal_users` tells them (SPEC §7). */
const filtering = { filter_internal: Schema.optional(Truth) }

/** As it was at a point: a position, an ISO time, the uuid of an event, or `2h ago`. */
const asOf = { at: Schema.optional(Schema.String) }

const error = [InvalidQuestion, NotReached, Unavailable] as const

/** What may be asked of one project, with its secret key. */
export class ProjectApi extends HttpApiGroup.make("project")
  .add(
    HttpApiEndpoint.get("persons", "/persons", {
      params,
      query: {
        distinct_id: Schema.optional(Schema.String),
        search: Schema.optional(Schema.String),
        limit: Schema.optional(Limit),
        cursor: Schema.optional(Schema.String),
        ...asOf,
        ...filtering,
        ...waiting,
      },
      success: Answers.Persons,
      error,
    }),
    HttpApiEndpoint.get("events", "/events", {
      params,
      query: {
        distinct_id: Schema.optional(Schema.String),
        limit: Schema.optional(Limit),
        before: Schema.optional(Position),
        ...asOf,
        ...filtering,
        ...waiting,
      },
      success: Answers.Events,
      error,
    }),
    HttpApiEndpoint.get("waiting", "/waiting", {
      params,
      query: {
        released: Schema.optional(Truth),
        limit: Schema.optional(Limit),
        before: Schema.optional(Position),
        ...asOf,
        ...waiting,
      },
      success: Answers.WaitingEvents,
      error,
    }),
    HttpApiEndpoint.get("policy", "/policy", {
      params,
      query: { ...asOf, ...waiting },
      success: Answers.CurrentPolicy,
      error,
    }),
    HttpApiEndpoint.get("warnings", "/warnings", {
      params,
      query: {
        type: Schema.optional(Schema.String),
        search: Schema.optional(Schema.String),
        distinct_id: Schema.optional(Schema.String),
        ...asOf,
        ...waiting,
      },
      success: Answers.Warnings,
      error,
    }),
    HttpApiEndpoint.get("status", "/status", {
      params,
      query: waiting,
      success: Answers.Status,
      error,
    }),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Project", description: "Who is who, and why not" }),
  ) {}

/** JSON whose fields are looked at one by one, so that a wrong one is named. */
const Body = Schema.Record(Schema.String, Schema.Json)

const operation = {
  params,
  payload: Body,
  success: Answers.Recorded,
  error: [...error, PersonNotFound],
} as const

const described = (description: string) => OpenApi.annotations({ description })

/**
 * What an operator may do to one project, with its secret key: each is an event in the log. Bodies name
 * a person by one of its distinct ids, and may say `by` whom and for which `reason`.
 */
export class OperationsApi extends HttpApiGroup.make("operations")
  .add(
    HttpApiEndpoint.patch("changePolicy", "/policy", {
      params,
      payload: Body,
      success: Answers.Recorded,
      error,
    }).annotateMerge(described("Changes the fields of the policy that the body names.")),
    HttpApiEndpoint.post("split", "/persons/split", operation).annotateMerge(
      described(
        "Makes persons of the distinct ids of one: {distinct_id, main_distinct_id?, distinct_ids_to_split?}.",
      ),
    ),
    HttpApiEndpoint.post("delete", "/persons/delete", operation).annotateMerge(
      described("Deletes a person for good: {distinct_id}."),
    ),
    HttpApiEndpoint.post("merge", "/persons/merge", operation).annotateMerge(
      described(
        "Merges the person of `alias` into that of `distinct_id`, whatever is identified: {distinct_id, alias, by, reason}.",
      ),
    ),
    HttpApiEndpoint.post("patch", "/persons/patch", operation).annotateMerge(
      described("Sets properties: {distinct_id, properties}."),
    ),
    HttpApiEndpoint.post("retract", "/retractions", {
      ...operation,
      success: Answers.Retracted,
    }).annotateMerge(
      described(
        "Undoes what an event did, from here on; of a retraction: has it back: {event_uuid, by, reason}.",
      ),
    ),
    HttpApiEndpoint.post("deleteProperty", "/persons/delete_property", operation).annotateMerge(
      described("Deletes properties: {distinct_id, $unset}."),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Operations", description: "What an operator does to persons" }),
  ) {}

const asked = { params, success: Answers.Past, error } as const

/** A point: a position, an ISO time, the uuid of an event, or `2h ago`. */
const Point = Schema.String

/**
 * What may be asked of a project's past, with its secret key: why, what changed, since when, and what
 * if. Answers name the events that they rest on, and write nothing.
 */
export class PastApi extends HttpApiGroup.make("past")
  .add(
    HttpApiEndpoint.get("why", "/why", {
      ...asked,
      query: { a: Schema.String, b: Schema.String, at: Schema.optional(Point) },
    }).annotateMerge(described("Why two distinct ids are one person, or what kept them apart.")),
    HttpApiEndpoint.get("trace", "/trace", {
      ...asked,
      query: { event: Point },
    }).annotateMerge(described("What the rules made of an event, check by check.")),
    HttpApiEndpoint.get("history", "/history", {
      ...asked,
      query: { distinct_id: Schema.String, at: Schema.optional(Point) },
    }).annotateMerge(described("Every change of the person of an id, each with its cause.")),
    HttpApiEndpoint.get("diff", "/diff", {
      ...asked,
      query: {
        from: Point,
        to: Schema.optional(Point),
        distinct_id: Schema.optional(Schema.String),
      },
    }).annotateMerge(
      described("What changed between two points, person by person, or for that of an id."),
    ),
    HttpApiEndpoint.get("bisect", "/bisect", {
      ...asked,
      query: { condition: Schema.String },
    }).annotateMerge(
      described(
        "The first position at which this was true: same A B, property A KEY = JSON, ids A > N, persons > N, warnings TYPE > N.",
      ),
    ),
    HttpApiEndpoint.post("whatIf", "/what-if", { ...asked, payload: Body }).annotateMerge(
      described(
        "What would be different: {without?: [uuid], insert?: [event], policy?: {field: value}, from?: point}.",
      ),
    ),
    HttpApiEndpoint.get("verify", "/verify", asked).annotateMerge(
      described("Replays everything and compares it with what is stored."),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Past", description: "What was true, why, and what if" }),
  ) {}

/** All that may be asked over HTTP, as a value: the server answers it, clients are made from it. */
export class Api extends HttpApi.make("onymous")
  .add(ProjectApi)
  .add(OperationsApi)
  .add(PastApi)
  .annotateMerge(
    OpenApi.annotations({
      title: "Onymous",
      version: "0.1.0",
      description: "Whose event is this?",
    }),
  ) {}
