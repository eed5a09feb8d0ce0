import { Effect } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest } from "effect/http"
import * as Cors from "./Cors.ts"
import * as Refusal from "./Refusal.ts"

const isNowhere = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

const answer = Effect.map(HttpServerRequest.HttpServerRequest, ({ method, url }) => {
  const path = Refusal.pathOf(url)
  return Refusal.answer(path, {
    status: 404,
    code: "not_found",
    message: `Nothing answers ${method} ${path}: see /docs.`,
  })
})

/** The answer for a path without a route; it gives pages of any origin access, except to preflight requests. */
const toPages = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method }) =>
  method === "OPTIONS" ? answer : Cors.open(answer),
)

/** Answers that no route has this path or method. */
export const layer = HttpRouter.middleware(
  Effect.catch((error) => (isNowhere(error) ? toPages : Effect.fail(error))),
  { global: true },
)
