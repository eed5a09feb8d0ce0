import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as Answers from "./Answers.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"
import * as Parameters from "./Parameters.ts"

/** Derives a project anew, with its secret key. */
export class RebuildApi extends HttpApiGroup.make("rebuilding")
  .add(
    HttpApiEndpoint.post("rebuild", "/rebuild", {
      params: { project: Schema.String },
      query: Parameters.of({ verify_only: Schema.optional(Parameters.Flag) }),
      success: HttpApiSchema.StreamNdjson({ schema: Answers.RebuildStep }),
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "Derives everything anew beside what is live, and puts it in its place; with verify_only, compares them alone. A line of JSON for each step; one that cannot go on ends with an `error`. Who hangs up cancels it. Each project is rebuilt with its own key: `onymous rebuild --all` does all of them.",
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Rebuilding", description: "Everything anew, from the log" }),
  ) {}
