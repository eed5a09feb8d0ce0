import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as CommandFields from "@onymous/identity/event/CommandFields"
import * as ProjectForms from "./forms/ProjectForms.ts"
import { Count, Project, text } from "./forms/Listing.ts"
import { InvalidQuestion, Unauthorized, Unavailable } from "./ApiError.ts"
import { OperatorAuthorization, QuestionErrors } from "./Authorization.ts"
import { described } from "./Described.ts"
import * as Parameters from "./Parameters.ts"

const name = text("The name of a key: who has it, or what it is for", "backend")

const shared = {
  params: Parameters.params,
  query: Parameters.none,
  error: [InvalidQuestion, Unauthorized, Unavailable],
} as const

const payload = CommandFields.of({ name })

const Made = Schema.Struct({
  project: Project,
  name,
  key: text("The key, told this once", "onk_…"),
}).annotate({ description: "A new key, told this once" })

const Ended = Schema.Struct({
  project: Project,
  name,
  holding: Count.annotate({ description: "How many keys of the project still open it" }),
}).annotate({ description: "A key that opens nothing any more" })

/** The secret keys of a project, with the operator's key. */
export class KeysApi extends HttpApiGroup.make("keys")
  .add(
    HttpApiEndpoint.get("list", "/keys", { ...shared, success: ProjectForms.Keys }).annotateMerge(
      described(
        "The public token of a project, and its secret keys by name: the keys themselves are stored as hashes alone.",
      ),
    ),
    HttpApiEndpoint.post("make", "/keys", { ...shared, payload, success: Made }).annotateMerge(
      described("Makes a secret key, and tells it this once.", { name: "backend" }),
    ),
    HttpApiEndpoint.post("end", "/keys/end", { ...shared, payload, success: Ended }).annotateMerge(
      described("Ends a secret key: from then on it opens nothing.", { name: "serve" }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(OperatorAuthorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Keys", description: "Which secret keys open a project" }),
  ) {}
