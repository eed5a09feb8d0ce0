import type { Effect } from "effect"
import { HttpMiddleware, HttpRouter, type HttpServerResponse } from "effect/http"

/**
 * The middleware lets in the page that asks, wherever it is from, with its cookies. Of an origin that
 * is not told it says nothing but `Vary`, because caches hand the answer on to pages that have one.
 */
const middleware = (exposedHeaders: ReadonlyArray<string>) =>
  HttpMiddleware.cors({
    allowedOrigins: (origin: string | undefined) => origin !== undefined,
    allowedMethods: ["GET", "POST", "OPTIONS"],
    credentials: true,
    exposedHeaders,
    maxAge: 86_400,
  })

/** Lets pages of any origin hear an answer. */
export const open = middleware([])

/** A door that pages of any origin may use, and ask about before they do. */
export const routes = <E, R>(
  methods: ReadonlyArray<"GET" | "POST">,
  path: `/${string}`,
  handler: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>,
  exposedHeaders: ReadonlyArray<string> = [],
) => {
  const answer = middleware(exposedHeaders)(handler)
  return [...methods, "OPTIONS" as const].map((method) => HttpRouter.route(method, path, answer))
}
