import { HttpServerResponse } from "effect/http"

/** A refusal outside of handlers, which has both forms of errors. */
export interface Refusal {
  readonly status: 401 | 403 | 404
  readonly code: string
  readonly message: string
}

/** The path of a request, without the query, which may contain a token. */
export const pathOf = (url: string): string => url.replace(/[?#].*/s, "")

/** True for the path of a question to the API; what SDKs ask is under `/api/` too. */
export const isOfApi = (path: string): boolean =>
  /^\/api\/(?:projects|rebuild|refusals|import)(?:\/|$)/.test(path)

/** The error in the API's form or in capture's, by its path. */
export const answer = (path: string, { status, code, message }: Refusal) =>
  HttpServerResponse.jsonUnsafe(
    isOfApi(path)
      ? { code, message }
      : { type: "invalid_request", code, detail: message, attr: null },
    { status },
  )
