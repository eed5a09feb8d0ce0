import type { Effect } from "effect"
import type { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"

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
