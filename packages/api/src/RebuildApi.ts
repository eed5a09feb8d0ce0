import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import * as RebuildForms from "./forms/RebuildForms.ts"
import { Unavailable } from "./ApiError.ts"
import { Authorization, OperatorAuthorization, QuestionErrors } from "./Authorization.ts"
import * as Parameters from "./Parameters.ts"

const query = Parameters.of({
  verify_only: Parameters.flag("Compares alone, and replaces nothing"),
})

/** Rebuilds a project, with its secret key. */
export class RebuildApi extends HttpApiGroup.make("rebuilding")
  .add(
    HttpApiEndpoint.post("rebuild", "/rebuild", {
      params: Parameters.params,
      query,
      success: HttpApiSchema.StreamNdjson({ schema: RebuildForms.RebuildStep }),
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "Derives everything anew beside what is live, and puts it in its place; with verify_only, compares them alone. A line of JSON for each step; one that cannot go on ends with an `error`. Who hangs up cancels it. `POST /api/rebuild` does all projects.",
      }),
    ),
  )
  .add(
    HttpApiEndpoint.post("endRebuild", "/rebuild/end", {
      params: Parameters.params,
      query: Parameters.none,
      success: RebuildForms.RebuildEnded,
      error: Unavailable,
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "Ends the rebuild of a project, whichever process runs it: it stops where it writes next, with the `code` `ended`, and what it derived is dropped. What is live stays. A server that derives a long log for the first time begins anew.",
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Rebuilding", description: "Everything anew, from the log" }),
  ) {}

/** Rebuilds all projects, with the operator's key. */
export class RebuildAllApi extends HttpApiGroup.make("rebuildingAll")
  .add(
    HttpApiEndpoint.post("rebuildAll", "/api/rebuild", {
      query,
      success: HttpApiSchema.StreamNdjson({ schema: RebuildForms.RebuildStepOfProject }),
      error: Unavailable,
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "Does to all projects, one after the other, what `rebuild` does to one: each line names its `project`. Where one cannot go on, its last line has an `error`, and the others have their turn. It takes the operator's key, which `onymous serve --operator-key` sets.",
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(OperatorAuthorization)
  .annotateMerge(
    OpenApi.annotations({ title: "Rebuilding all", description: "Every project, from its log" }),
  ) {}
