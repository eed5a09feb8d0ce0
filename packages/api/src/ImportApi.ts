import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Imported } from "./forms/ImportForms.ts"
import { contentType, sentInLines } from "./forms/LineForms.ts"
import { Unavailable } from "./ApiError.ts"
import { OperatorAuthorization, QuestionErrors } from "./Authorization.ts"
import * as Parameters from "./Parameters.ts"

/** Appends files of events, whose lines name their projects, with the operator's key. */
export class ImportApi extends HttpApiGroup.make("importing")
  .add(
    HttpApiEndpoint.post("import", "/api/import", {
      query: Parameters.lines,
      payload: HttpApiSchema.StreamUint8Array({ contentType }),
      success: Imported,
      error: Unavailable,
    }).annotateMerge(
      sentInLines(
        "Appends lines of events as `onymous import` reads them: what the log has it skips, bad lines are told by number and the others are taken. It makes the projects that lines name.",
      ),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(OperatorAuthorization)
  .annotateMerge(OpenApi.annotations({ title: "Import", description: "Files of events" })) {}
