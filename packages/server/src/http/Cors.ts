import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"

/**
 * Lets in the page that asks, wherever it is from, with its cookies, as browsers want to hear it.
 * What is kept for later says that it is of this origin, also when no origin asked.
 */
export const headers = (
  request: HttpServerRequest.HttpServerRequest,
  exposed?: string,
): Record<string, string> => {
  const { origin } = request.headers
  if (origin === undefined) return { vary: "origin" }
  const asked = request.headers["access-control-request-headers"]
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    vary: "origin",
    ...(exposed !== undefined && { "access-control-expose-headers": exposed }),
    ...(asked !== undefined && { "access-control-allow-headers": asked }),
  }
}

/** Answers the question that a browser asks before it sends. */
export const preflight = Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
  HttpServerResponse.empty({
    status: 204,
    headers: { ...headers(request), "access-control-max-age": "86400" },
  }),
)
