import { HttpApi, HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import * as OperatorCommand from "@onymous/identity/event/OperatorCommand"
import * as RetractionRequest from "@onymous/identity/event/RetractionRequest"
import * as AttributionForms from "./forms/AttributionForms.ts"
import * as LogBody from "./bodies/LogBody.ts"
import * as PersonForms from "./forms/PersonForms.ts"
import { PolicyBody } from "./bodies/PolicyBody.ts"
import * as ProjectForms from "./forms/ProjectForms.ts"
import * as WarningForms from "./forms/WarningForms.ts"
import { InvalidQuestion, NotReached, PersonNotFound, Unavailable } from "./ApiError.ts"
import { Authorization, OperatorAuthorization, QuestionErrors } from "./Authorization.ts"
import { described, document } from "./Described.ts"
import * as Parameters from "./Parameters.ts"
import { KeysApi } from "./KeysApi.ts"
import { ImportApi } from "./ImportApi.ts"
import { LogApi } from "./LogApi.ts"
import { PastApi } from "./PastApi.ts"
import { PageActsApi, SessionApi, TimelineApi } from "./PageApi.ts"
import { RebuildAllApi, RebuildApi } from "./RebuildApi.ts"

const params = Parameters.params

const error = [InvalidQuestion, NotReached, Unavailable] as const

/** Questions about one project, with its secret key. */
export class ProjectApi extends HttpApiGroup.make("project")
  .add(
    HttpApiEndpoint.get("persons", "/persons", {
      params,
      query: Parameters.persons,
      success: PersonForms.Persons,
      error,
    }).annotateMerge(
      described(
        "The person of a distinct id or with an id, those that a search finds, or all, newest first.",
      ),
    ),
    HttpApiEndpoint.get("events", "/events", {
      params,
      query: Parameters.events,
      success: AttributionForms.Events,
      error,
    }).annotateMerge(
      described("Events of a person or of all, newest first, each with its person."),
    ),
    HttpApiEndpoint.get("waiting", "/waiting", {
      params,
      query: Parameters.waitingEvents,
      success: AttributionForms.WaitingEvents,
      error,
    }).annotateMerge(
      described(
        "Events that wait in the buffer, until when, and what released those that had waited.",
      ),
    ),
    HttpApiEndpoint.get("policy", "/policy", {
      params,
      query: Parameters.of({ ...Parameters.asOf, ...Parameters.minPosition }),
      success: ProjectForms.CurrentPolicy,
      error,
    }).annotateMerge(described("The rules that hold, field by field.")),
    HttpApiEndpoint.get("warnings", "/warnings", {
      params,
      query: Parameters.warnings,
      success: WarningForms.Warnings,
      error,
    }).annotateMerge(
      described("Why events were not applied as asked, by type, and what would make them pass."),
    ),
    HttpApiEndpoint.get("status", "/status", {
      params,
      query: Parameters.of(Parameters.minPosition),
      success: ProjectForms.Status,
      error,
    }).annotateMerge(described("Where the log and the persons are, and what was refused.")),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Project", description: "Who is who, and why not" }),
  ) {}

/** The list of projects, with the operator's key. */
export class ProjectsApi extends HttpApiGroup.make("projects")
  .add(
    HttpApiEndpoint.get("list", "/api/projects", {
      query: Parameters.none,
      success: ProjectForms.Projects,
      error: Unavailable,
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "All projects: public token, number of events, times of the first and the last one, and whether a secret key opens it.",
      }),
    ),
    HttpApiEndpoint.get("refusals", "/api/refusals", {
      query: Parameters.none,
      success: ProjectForms.Refusals,
    }).annotateMerge(
      OpenApi.annotations({
        description:
          "What capture has refused since this server started, by project or token and by reason: SDKs drop what is refused, and tell nobody.",
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(OperatorAuthorization)
  .annotateMerge(
    OpenApi.annotations({ title: "Projects", description: "Which projects there are" }),
  ) {}

/** An act on a project; the answer names its event. */
const act = { params, query: Parameters.none, success: ProjectForms.Act } as const

const acts = OperatorCommand.acts

/** The body of an operator's act, and its errors. */
const operation = <Body>({ body }: OperatorCommand.Act<Body>) => ({
  ...act,
  payload: LogBody.of(body),
  error: [...error, PersonNotFound] as const,
})

/**
 * The acts of an operator on one project, with its secret key: each becomes an event in the log.
 * Bodies name a person by one of its distinct ids, and may say `by` whom and for which `reason`.
 */
export class OperationsApi extends HttpApiGroup.make("operations")
  .add(
    HttpApiEndpoint.patch("changePolicy", "/policy", {
      ...act,
      payload: PolicyBody,
      error,
    }).annotateMerge(
      described("Changes the fields of the policy that the body names.", {
        buffer_window_seconds: 60,
      }),
    ),
    HttpApiEndpoint.post("split", "/persons/split", operation(acts["persons.split"])).annotateMerge(
      described(
        "Makes persons of the distinct ids of one: {distinct_id, main_distinct_id?, distinct_ids_to_split?}.",
        { distinct_id: "alice", main_distinct_id: "alice", by: "ann", reason: "a shared tablet" },
      ),
    ),
    HttpApiEndpoint.post(
      "delete",
      "/persons/delete",
      operation(acts["persons.delete"]),
    ).annotateMerge(described("Deletes a person for good: {distinct_id}.", { distinct_id: "bob" })),
    HttpApiEndpoint.post("merge", "/persons/merge", operation(acts["persons.merge"])).annotateMerge(
      described(
        "Merges the person of `alias` into that of `distinct_id`, whatever is identified: {distinct_id, alias, by, reason}.",
        { distinct_id: "alice", alias: "bob", by: "ann", reason: "she said so" },
      ),
    ),
    HttpApiEndpoint.post("patch", "/persons/patch", operation(acts["persons.patch"])).annotateMerge(
      described("Sets properties: {distinct_id, properties}.", {
        distinct_id: "alice",
        properties: { plan: "pro" },
      }),
    ),
    HttpApiEndpoint.post("retract", "/retractions", {
      ...act,
      payload: LogBody.of(RetractionRequest.Body),
      error: [...error, PersonNotFound],
    }).annotateMerge(
      described(
        "Undoes what an event did, from here on; of a retraction: has it back: {event_uuid, by, reason}.",
        {
          event_uuid: "00000000-0000-4000-8000-000000000003",
          by: "ann",
          reason: "a shared tablet",
        },
      ),
    ),
    HttpApiEndpoint.post(
      "deleteProperty",
      "/persons/delete_property",
      operation(acts["persons.delete_property"]),
    ).annotateMerge(
      described("Deletes properties: {distinct_id, $unset}.", {
        distinct_id: "alice",
        $unset: ["plan"],
      }),
    ),
  )
  .middleware(QuestionErrors)
  .middleware(Authorization)
  .prefix("/api/projects/:project")
  .annotateMerge(
    OpenApi.annotations({ title: "Operations", description: "What an operator does to persons" }),
  ) {}

/** The whole HTTP API as a value: the server implements it, clients are derived from it. */
export class Api extends HttpApi.make("onymous")
  .add(ProjectApi)
  .add(ProjectsApi)
  .add(KeysApi)
  .add(OperationsApi)
  .add(PastApi)
  .add(TimelineApi)
  .add(PageActsApi)
  .add(SessionApi)
  .add(LogApi)
  .add(ImportApi)
  .add(RebuildApi)
  .add(RebuildAllApi)
  // An unknown parameter is refused: an answer that ignored it would answer another question.
  .annotate(HttpApi.QueryParseOptions, { onExcessProperty: "error" })
  .annotate(HttpApi.PayloadParseOptions, { onExcessProperty: "error" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Onymous",
      version: "0.1.0",
      description:
        "Whose event is this? Questions and acts want a secret key, as `Authorization: Bearer onk_…`.",
      transform: document,
    }),
  ) {}
