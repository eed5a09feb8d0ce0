import { Schema } from "effect"
import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as Answers from "./Answers.ts"
import { InvalidQuestion, NotReached, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"

const Position = Schema.Int.pipe(Schema.check(Schema.isGreaterThanOrEqualTo(0)))
const Limit = Schema.Int.pipe(Schema.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))

const params = { project: Schema.String }

/** Every question may wait until the persons are at a position, for at most ten seconds. */
const waiting = { min_position: Schema.optional(Position) }

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
        ...waiting,
      },
      success: Answers.Events,
      error,
    }),
    HttpApiEndpoint.get("warnings", "/warnings", {
      params,
      query: {
        type: Schema.optional(Schema.String),
        search: Schema.optional(Schema.String),
        distinct_id: Schema.optional(Schema.String),
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

/** All that may be asked over HTTP, as a value: the server answers it, clients are made from it. */
export class Api extends HttpApi.make("onymous")
  .add(ProjectApi)
  .annotateMerge(
    OpenApi.annotations({
      title: "Onymous",
      version: "0.1.0",
      description: "Whose event is this?",
    }),
  ) {}
