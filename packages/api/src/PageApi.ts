import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { InvalidQuestion, NotReached, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"
import { described } from "./Described.ts"
import { ConeLine } from "./page/ConeForms.ts"
import * as TimelineForms from "./page/TimelineForms.ts"
import * as TimelineParameters from "./page/TimelineParameters.ts"
import { params } from "./Parameters.ts"

const error = [InvalidQuestion, NotReached, Unavailable] as const

/** What the page draws of one project, with its secret key: the whole log as counts, and changes one by one. */
export class TimelineApi extends HttpApiGroup.make("timeline")
  .add(
    HttpApiEndpoint.get("activity", "/activity", {
      params,
      query: TimelineParameters.activity,
      success: TimelineForms.Activity,
      error,
    }).annotateMerge(
      described(
        "How much became true along the log, in buckets of positions, as columns. Buckets of many positions have thousands of them.",
      ),
    ),
    HttpApiEndpoint.get("changes", "/changes", {
      params,
      query: TimelineParameters.changes,
      success: TimelineForms.Changes,
      error,
    }).annotateMerge(
      described(
        "What became true, change by change, after a position or before one: ids, merges, refusals, warnings, and what operators did.",
      ),
    ),
    HttpApiEndpoint.get("merges", "/merges", {
      params,
      query: TimelineParameters.merges,
      success: TimelineForms.Merges,
      error,
    }).annotateMerge(
      described(
        "Merges worth a look: in which properties gave way, of two identified persons, or by an operator; where most gave way first.",
      ),
    ),
    HttpApiEndpoint.get("ids", "/ids", {
      params,
      query: TimelineParameters.ids,
      success: TimelineForms.Ids,
      error,
    }).annotateMerge(described("Distinct ids that begin with a text, each with its person.")),
  )
  .add(
    HttpApiEndpoint.get("cone", "/cone", {
      params,
      query: TimelineParameters.cone,
      success: HttpApiSchema.StreamNdjson({ schema: ConeLine, maxElementBytes: "16 MiB" }),
      error,
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "All that the log says of an id and of those that events have named together with it, up to now, for whoever folds it: a line of JSON with how much it is, then one for each event. Of more than 20,000 events or 8 MB only the first line comes.",
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Timeline", description: "What happened along the log" }),
  ) {}
