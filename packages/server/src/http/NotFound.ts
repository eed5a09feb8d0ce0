import { Effect } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Cors from "./Cors.ts"

const isNowhere = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/**
 * The error in the API's form or in capture's, without the query, because that may hold a token.
 */
const answer = Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
  const path = request.url.replace(/[?#].*/s, "")
  const detail = `Nothing answers ${request.method} ${path}: see /docs.`
  const error = path.startsWith("/api/projects/")
    ? { _tag: "NotFound", message: detail }
    : { type: "invalid_request", code: "not_found", detail, attr: null }
  return HttpServerResponse.jsonUnsafe(error, { status: 404 })
})

/** The preflight request of a page gets no permission where no route answers. */
const toPages = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method }) =>
  method === "OPTIONS" ? answer : Cors.open(answer),
)

/** Answers that no route has this path or method. */
export const layer = HttpRouter.middleware(
  Effect.catch((error) => (isNowhere(error) ? toPages : Effect.fail(error))),
  { global: true },
)
