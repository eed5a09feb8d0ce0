import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { InvalidQuestion, Unauthorized, Unavailable } from "./ApiError.ts"

/** The project that the path names, after its key was checked. */
export class CurrentProject extends Context.Service<CurrentProject, { readonly id: string }>()(
  "@onymous/api/Authorization/CurrentProject",
) {}

/** Requires the secret key of the project or the operator's, as `Authorization: Bearer onk_…`. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: CurrentProject; requires: never }
>()("@onymous/api/Authorization", {
  requiredForClient: true,
  security: { bearer: HttpApiSecurity.bearer },
  error: [Unauthorized, Unavailable],
}) {}

/**
 * Requires the operator's key, which opens every project, as `Authorization: Bearer …`. A typed
 * client sends it in the same place as a project's key.
 */
export class OperatorAuthorization extends HttpApiMiddleware.Service<OperatorAuthorization>()(
  "@onymous/api/OperatorAuthorization",
  { requiredForClient: true, security: { bearer: HttpApiSecurity.bearer }, error: Unauthorized },
) {}

/** Names the parameter that the schema refused, and the form expected. */
export class QuestionErrors extends HttpApiMiddleware.Service<QuestionErrors>()(
  "@onymous/api/QuestionErrors",
  { error: InvalidQuestion },
) {}
