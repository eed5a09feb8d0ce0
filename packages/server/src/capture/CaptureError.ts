import { Data } from "effect"

/** The refusal of a capture request, in the form of PostHog of 2022 (posthog.md §7.4); nothing was written. */
export class CaptureError extends Data.TaggedError("CaptureError")<{
  readonly status: 400 | 401 | 413 | 429 | 503
  readonly type: "authentication_error" | "validation_error" | "throttled_error" | "server_error"
  readonly code: string
  readonly detail: string
  /** The field that `detail` is about, as in `batch[3].uuid`. */
  readonly attr?: string
  readonly retryAfterSeconds?: number
}> {}

/** The Retry-After while the database does not answer. */
export const retryAfterSeconds = 1

/** 400: the body, or an event in it, is not what was expected. */
export const invalidPayload = (detail: string): CaptureError =>
  new CaptureError({ status: 400, type: "validation_error", code: "invalid_payload", detail })

/** 400: a field of the body, for example `batch[3].uuid`, is not what was expected. */
export const invalidField = (attr: string, expected: string): CaptureError =>
  new CaptureError({
    status: 400,
    type: "validation_error",
    code: "invalid_payload",
    detail: `${attr}: expected ${expected}`,
    attr,
  })

/** 413: the body is larger than this path allows. */
export const tooLarge = (detail: string): CaptureError =>
  new CaptureError({ status: 413, type: "validation_error", code: "payload_too_large", detail })

/** 401: no token. */
export const missingToken = new CaptureError({
  status: 401,
  type: "authentication_error",
  code: "missing_api_key",
  detail: "API key not provided. Send the project's token as api_key.",
})

/** 401: a token that is no project's. */
export const invalidToken = new CaptureError({
  status: 401,
  type: "authentication_error",
  code: "invalid_api_key",
  detail: "Project API key invalid. It is the public token that begins with phc_.",
})
