import { HttpServerResponse } from "effect/http"

/** An answer that no handler gives, in words for both of the forms that errors have. */
export interface Refusal {
  readonly status: 401 | 403 | 404
  readonly code: string
  readonly message: string
}

/** The path of a request, without the query, because that may hold a token. */
export const pathOf = (url: string): string => url.replace(/[?#].*/s, "")

/** The error in the API's form or in capture's, by its path. */
export const answer = (path: string, { status, code, message }: Refusal) =>
  HttpServerResponse.jsonUnsafe(
    /^\/api\/(?:projects|rebuild|refusals)(?:\/|$)/.test(path)
      ? { code, message }
      : { type: "invalid_request", code, detail: message, attr: null },
    { status },
  )
