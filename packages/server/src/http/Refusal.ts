import { HttpServerResponse } from "effect/http"

/** A refusal outside of handlers, which has both forms of errors. */
export interface Refusal {
  readonly status: 401 | 403 | 404
  readonly code: string
  readonly message: string
}

/** The path of a request, without the query, which may contain a token. */
export const pathOf = (url: string): string => url.replace(/[?#].*/s, "")

/** The error in the API's form or in capture's, by its path. */
export const answer = (path: string, { status, code, message }: Refusal) =>
  HttpServerResponse.jsonUnsafe(
    /^\/api\/(?:projects|rebuild|refusals)(?:\/|$)/.test(path)
      ? { code, message }
      : { type: "invalid_request", code, detail: message, attr: null },
    { status },
  )
