import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { InvalidQuestion, Unauthorized, Unavailable } from "./ApiError.ts"

/** The project that the key opens, which is the one that the path names. */
export class CurrentProject extends Context.Service<CurrentProject, { readonly id: string }>()(
  "@onymous/api/Authorization/CurrentProject",
) {}

/** The secret key of the project or the operator's, as `Authorization: Bearer onk_…`. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: CurrentProject; requires: never }
>()("@onymous/api/Authorization", {
  requiredForClient: true,
  security: { bearer: HttpApiSecurity.bearer },
  error: [Unauthorized, Unavailable],
}) {}

/**
 * The operator's key, which opens every project, as `Authorization: Bearer …`. A typed client of all of the
 * API brings it as it brings the key of a project.
 */
export class OperatorAuthorization extends HttpApiMiddleware.Service<OperatorAuthorization>()(
  "@onymous/api/OperatorAuthorization",
  { requiredForClient: true, security: { bearer: HttpApiSecurity.bearer }, error: Unauthorized },
) {}

/** Says in words which parameter is wrong, where the schema has refused it. */
export class QuestionErrors extends HttpApiMiddleware.Service<QuestionErrors>()(
  "@onymous/api/QuestionErrors",
  { error: InvalidQuestion },
) {}
