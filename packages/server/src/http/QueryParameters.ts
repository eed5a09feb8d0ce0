import type { HttpServerRequest } from "effect/http"

/** The parameters of a request. Never throws: what is before the question mark may be anything. */
export const of = ({ originalUrl }: HttpServerRequest.HttpServerRequest): URLSearchParams => {
  const mark = originalUrl.indexOf("?")
  return new URLSearchParams(mark < 0 ? "" : originalUrl.slice(mark))
}
