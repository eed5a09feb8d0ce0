import { Effect } from "effect"
import { HttpRouter, HttpServerError, HttpServerRequest, HttpServerResponse } from "effect/http"
import * as Cors from "./Cors.ts"

const isNowhere = (error: unknown): boolean =>
  HttpServerError.isHttpServerError(error) && error.reason._tag === "RouteNotFound"

/** As the API tells its errors, or as capture tells them; without the query, which may hold a token. */
const answer = Effect.map(HttpServerRequest.HttpServerRequest, (request) => {
  const path = request.url.replace(/[?#].*/s, "")
  const detail = `Nothing answers ${request.method} ${path}: see /docs.`
  const error = path.startsWith("/api/projects/")
    ? { _tag: "NotFound", message: detail }
    : { type: "invalid_request", code: "not_found", detail, attr: null }
  return HttpServerResponse.jsonUnsafe(error, { status: 404 })
})

/** A page that asks first is not let in where nothing answers. */
const toPages = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ method }) =>
  method === "OPTIONS" ? answer : Cors.open(answer),
)

/** Says in words that no route answers this path or method. */
export const layer = HttpRouter.middleware(
  Effect.catch((error) => (isNowhere(error) ? toPages : Effect.fail(error))),
  { global: true },
)
