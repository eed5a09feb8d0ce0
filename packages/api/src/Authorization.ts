import { Context } from "effect"
import { HttpApiMiddleware, HttpApiSecurity } from "effect/http-api"
import { InvalidQuestion, Unauthorized, Unavailable } from "./ApiError.ts"

/** The project that the key opens, which is the one that the path names. */
export class CurrentProject extends Context.Service<CurrentProject, { readonly id: string }>()(
  "@onymous/api/Authorization/CurrentProject",
) {}

/** The secret key of the project, as `Authorization: Bearer onk_…`. */
export class Authorization extends HttpApiMiddleware.Service<
  Authorization,
  { provides: CurrentProject; requires: never }
>()("@onymous/api/Authorization", {
  requiredForClient: true,
  security: { bearer: HttpApiSecurity.bearer },
  error: [Unauthorized, Unavailable],
}) {}

/** Says in words which parameter is wrong, where the schema has refused it. */
export class QuestionErrors extends HttpApiMiddleware.Service<QuestionErrors>()(
  "@onymous/api/QuestionErrors",
  { error: InvalidQuestion },
) {}
