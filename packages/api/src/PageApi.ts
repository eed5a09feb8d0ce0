import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { InvalidQuestion, NotReached, Unauthorized, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"
import { described } from "./Described.ts"
import { ConeLine } from "./page/ConeForms.ts"
import * as TimelineForms from "./page/TimelineForms.ts"
import { answeredInUpdates, LiveEvent } from "./page/LiveForms.ts"
import * as SessionForms from "./page/SessionForms.ts"
import * as TimelineParameters from "./page/TimelineParameters.ts"
import { none, params } from "./Parameters.ts"

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
    HttpApiEndpoint.get("formerValues", "/former_values", {
      params,
      query: TimelineParameters.formerValues,
      success: TimelineForms.FormerValues,
      error,
    }).annotateMerge(
      described(
        "Persons of which a property held a text before, and holds it no more, because it was set anew or gave way in a merge. It reads all versions of all persons.",
      ),
    ),
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
          "All that the log says of an id and of those that events have named together with it, up to now, for whoever folds it: a line of JSON with how much it is, then one for each event. Of more than `events_max` events, or 8 MB, only the first line comes.",
      }),
    ),
  )
  .add(
    HttpApiEndpoint.get("live", "/live", {
      params,
      query: none,
      headers: TimelineParameters.liveHeaders,
      success: HttpApiSchema.StreamSse({ events: LiveEvent }),
      error: Unavailable,
    }).annotateMerge(
      answeredInUpdates(
        "Where log and persons are, as server-sent events: one at once, then at most four a second as something changes, and one in fifteen seconds at least. `Last-Event-ID` is the position after which counts are told.",
      ),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Timeline", description: "What happened along the log" }),
  ) {}

/** What the page does beside acts on persons, with the key of its project. */
export class PageActsApi extends HttpApiGroup.make("page")
  .add(
    HttpApiEndpoint.post("link", "/studio/link", {
      params,
      query: none,
      payload: SessionForms.LinkBody,
      success: SessionForms.Link,
      error: [InvalidQuestion, Unavailable],
    }).annotateMerge(
      described(
        "A code with which a colleague signs in, once, to look: {read_only}; with `false` to act, too. It ends with the server.",
        { read_only: true },
      ),
    ),
    HttpApiEndpoint.post("demo", "/demo", {
      params,
      query: none,
      payload: SessionForms.DemoBody,
      success: SessionForms.Demo,
      error,
    }).annotateMerge(
      described(
        "Appends a week of a small shop to a log that is empty, and refuses any other: {ends_at?}, when its last event came; a minute ago by default.",
        { ends_at: "2022-10-25T12:00:00.000Z" },
      ),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Page", description: "Links for colleagues, and the demo" }),
  ) {}

/** Signing in, for which there is no key yet. */
export class SessionApi extends HttpApiGroup.make("session")
  .add(
    HttpApiEndpoint.post("signIn", "/studio/session", {
      query: none,
      payload: SessionForms.SignInBody,
      success: SessionForms.Session,
      error: Unauthorized,
    }).annotateMerge(
      described(
        "Signs in with a code that works once: {code}. The token stands for the key of the project until nothing was asked for twelve hours, or the server ends.",
        { code: "uYd3bQF0Tq2mS4nXr6k1Zw" },
      ),
    ),
  )
  .middleware(QuestionErrors)
  .annotateMerge(
    OpenApi.annotations({ title: "Session", description: "Signing in with a code" }),
  ) {}
