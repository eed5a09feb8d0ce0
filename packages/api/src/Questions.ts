import type { Effect } from "effect"
import type { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import type { OperationsApi, ProjectApi, ProjectsApi } from "./Api.ts"
import type { KeysApi } from "./KeysApi.ts"
import type { LogApi } from "./LogApi.ts"
import type { PastApi } from "./PastApi.ts"

type Request<Endpoint extends HttpApiEndpoint.ConstraintRequest> = Omit<
  HttpApiEndpoint.ClientRequest<
    Endpoint["~Params"],
    Endpoint["~Query"],
    Endpoint["~Payload"],
    Endpoint["~Headers"],
    "decoded-only",
    never
  >,
  "responseMode"
>

/** The endpoints of a group as functions, from what is asked to the form of the answer. */
export type QuestionsOf<Group extends HttpApiGroup.Constraint, E = unknown> = {
  readonly [
    Endpoint in Extract<
      HttpApiGroup.Endpoints<Group>,
      HttpApiEndpoint.ConstraintRequest
    > as Endpoint["identifier"]
  ]: (request: Request<Endpoint>) => Effect.Effect<Endpoint["~Success"]["Type"], E>
}

/**
 * What may be asked, whoever answers: the typed client does over HTTP, and services on a database
 * or a file do in this process.
 */
export interface Questions {
  readonly project: QuestionsOf<typeof ProjectApi>
  readonly past: QuestionsOf<typeof PastApi>
  readonly operations: QuestionsOf<typeof OperationsApi>
  /** Of the log's lines, streams are made elsewhere. */
  readonly log: Pick<QuestionsOf<typeof LogApi>, "page">
  readonly keys: QuestionsOf<typeof KeysApi>
  /** What was refused, a server alone knows. */
  readonly projects: Pick<QuestionsOf<typeof ProjectsApi>, "list">
}
