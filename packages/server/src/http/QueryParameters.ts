import type { HttpServerRequest } from "effect/http"

/** The parameters of a request; never throws, whatever text stands before the question mark. */
export const of = ({ originalUrl }: HttpServerRequest.HttpServerRequest): URLSearchParams => {
  const mark = originalUrl.indexOf("?")
  return new URLSearchParams(mark < 0 ? "" : originalUrl.slice(mark))
}
