import type { Effect } from "effect"
import { HttpMiddleware, HttpRouter, type HttpServerResponse } from "effect/http"

/**
 * Allows the page's own origin, whatever it is, with its cookies. A request without an origin gets
 * only `Vary`, because caches pass the response on to pages that have one.
 */
const middleware = (exposedHeaders: ReadonlyArray<string>) =>
  HttpMiddleware.cors({
    allowedOrigins: (origin: string | undefined) => origin !== undefined,
    allowedMethods: ["GET", "POST", "OPTIONS"],
    credentials: true,
    exposedHeaders,
    maxAge: 86_400,
  })

/** Lets pages of any origin read an answer. */
export const open = middleware([])

/** Routes that pages of any origin may call, with the preflight request before. */
export const routes = <E, R>(
  methods: ReadonlyArray<"GET" | "POST">,
  path: `/${string}`,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  exposedHeaders: ReadonlyArray<string> = [],
) => {
  const answer = middleware(exposedHeaders)(handler)
  return [...methods, "OPTIONS" as const].map((method) => HttpRouter.route(method, path, answer))
}
