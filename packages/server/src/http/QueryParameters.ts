import type { HttpServerRequest } from "effect/http"

/** The query parameters of a request; never throws, whatever precedes the question mark. */
export const of = ({ originalUrl }: HttpServerRequest.HttpServerRequest): URLSearchParams => {
  const mark = originalUrl.indexOf("?")
  return new URLSearchParams(mark < 0 ? "" : originalUrl.slice(mark))
}
