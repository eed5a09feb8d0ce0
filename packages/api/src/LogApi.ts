import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Imported } from "./forms/ImportForms.ts"
import { answeredInLines, contentType, sentInLines } from "./forms/LineForms.ts"
import * as LogForms from "./forms/LogForms.ts"
import { InvalidQuestion, Unavailable } from "./ApiError.ts"
import { Authorization, QuestionErrors } from "./Authorization.ts"
import { described } from "./Described.ts"
import * as Parameters from "./Parameters.ts"

/** The log of a project as it is, with its secret key. */
export class LogApi extends HttpApiGroup.make("log")
  .add(
    HttpApiEndpoint.get("page", "/log", {
      params: Parameters.params,
      query: Parameters.following,
      success: LogForms.LogPage,
      error: [InvalidQuestion, Unavailable],
    }).annotateMerge(
      described(
        "Events as the log took them, oldest first, operators' acts and changes of the policy among them.",
      ),
    ),
    HttpApiEndpoint.get("export", "/export", {
      params: Parameters.params,
      query: Parameters.none,
      success: HttpApiSchema.StreamUint8Array({ contentType }),
      error: [InvalidQuestion, Unavailable],
    }).annotateMerge(
      answeredInLines(
        "The whole log as lines that `onymous import` and `onymous replay` read; where it cannot go on, the connection is cut.",
      ),
    ),
    HttpApiEndpoint.post("import", "/import", {
      params: Parameters.params,
      query: Parameters.linesOfProject,
      payload: HttpApiSchema.StreamUint8Array({ contentType }),
      success: Imported,
      error: [InvalidQuestion, Unavailable],
    }).annotateMerge(
      sentInLines(
        "Appends lines of events to the log of the project as `onymous import` reads them; lines that name another project are not taken. `POST /api/import` takes lines of all projects.",
      ),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Log", description: "What happened, in which order" }),
  ) {}
