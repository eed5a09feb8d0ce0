import { Array as Arr, Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import { Projector } from "@onymous/projector/Projector"
import * as Body from "./Body.ts"
import * as CaptureBody from "./CaptureBody.ts"
import { CaptureError, invalidPayload, invalidToken } from "./CaptureError.ts"
import * as WireEvent from "./WireEvent.ts"

const mebibyte = 1024 * 1024

/** The doors of capture, each with the most that a body may take (posthog.md §7.1, §7.4). */
const doors = [
  { path: "/batch", bytesMax: 20 * mebibyte },
  { path: "/e", bytesMax: 2 * mebibyte },
  { path: "/i/v0/e", bytesMax: 2 * mebibyte },
  { path: "/capture", bytesMax: 2 * mebibyte },
  { path: "/track", bytesMax: 2 * mebibyte },
  { path: "/engage", bytesMax: 2 * mebibyte },
] as const

/** The head of the log after a request's events, for who wants to wait for them. */
export const positionHeader = "x-onymous-position"

/** Events as PostHog's SDKs send them: all of a request are in the log when it is answered with 200, or none. */
export const layer: Layer.Layer<never, never, HttpRouter.HttpRouter | EventLog | Projector> =
  HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      const log = yield* EventLog
      const projector = yield* Projector
      for (const { path, bytesMax } of doors) {
        const handler = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
          answer(request, capture(log, projector, request, path === "/engage", bytesMax)),
        )
        yield* router.add("POST", path, handler)
        yield* router.add("GET", path, handler)
        yield* router.add("OPTIONS", path, preflight)
      }
    }),
  )

const capture = Effect.fn("Capture")(function* (
  log: EventLog["Service"],
  projector: Projector["Service"],
  request: HttpServerRequest.HttpServerRequest,
  isEngage: boolean,
  bytesMax: number,
) {
  const body = yield* Body.read(request, bytesMax).pipe(
    Effect.catchTag("HttpServerError", () => invalidPayload("The body could not be read.")),
  )
  const query = queryOf(request)
  const decoded = yield* Effect.promise(() =>
    CaptureBody.decode({
      body,
      query,
      contentType: request.headers["content-type"] ?? "",
      contentEncoding: request.headers["content-encoding"] ?? "",
    }),
  )
  const batch = yield* Effect.fromResult(decoded)
  const project = yield* projectOf(log, batch.token)
  const events = yield* Effect.fromResult(WireEvent.decodeAll(batch, isEngage))
  const isBeacon = query.get("beacon") === "1"
  if (!Arr.isReadonlyArrayNonEmpty(events)) return accepted(isBeacon, undefined)
  const { position } = yield* Effect.mapError(log.append(project, events), refused)
  yield* projector.wake(project)
  return accepted(isBeacon, position)
})

const projectOf = Effect.fnUntraced(function* (log: EventLog["Service"], token: string) {
  const projects = yield* Effect.mapError(log.projects, refused)
  const project = projects.find((each) => each.token === token)
  return project === undefined ? yield* invalidToken : project.id
})

/** Never throws: what is before the question mark may be anything. */
const queryOf = ({ originalUrl }: HttpServerRequest.HttpServerRequest): URLSearchParams => {
  const mark = originalUrl.indexOf("?")
  return new URLSearchParams(mark < 0 ? "" : originalUrl.slice(mark))
}

/** What the log cannot take now, clients send again: with the same uuids, so that nothing doubles. */
const refused = ({ reason }: EventLogError): CaptureError =>
  reason._tag === "Overloaded"
    ? new CaptureError({
        status: 429,
        type: "throttled_error",
        code: "rate_limit_exceeded",
        detail: "Too many events wait to be written.",
        retryAfterSeconds: reason.retryAfterSeconds,
      })
    : new CaptureError({
        status: 503,
        type: "server_error",
        code: "temporarily_unavailable",
        detail: "The log does not take events now.",
        retryAfterSeconds: 1,
      })

const accepted = (isBeacon: boolean, position: number | undefined) => {
  const headers = position === undefined ? {} : { [positionHeader]: `${position}` }
  return isBeacon
    ? HttpServerResponse.empty({ status: 204, headers })
    : HttpServerResponse.jsonUnsafe({ status: 1 }, { headers })
}

/** Browsers send from any page: the page's origin is let in, with its cookies. */
const corsHeaders = (request: HttpServerRequest.HttpServerRequest): Record<string, string> => {
  const { origin } = request.headers
  if (origin === undefined) return {}
  const asked = request.headers["access-control-request-headers"]
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, POST, OPTIONS",
    "access-control-expose-headers": positionHeader,
    vary: "origin",
    ...(asked !== undefined && { "access-control-allow-headers": asked }),
  }
}

const preflight = Effect.map(HttpServerRequest.HttpServerRequest, (request) =>
  HttpServerResponse.empty({ status: 204, headers: corsHeaders(request) }),
)

const answer = (
  request: HttpServerRequest.HttpServerRequest,
  captured: Effect.Effect<HttpServerResponse.HttpServerResponse, CaptureError>,
) =>
  captured.pipe(
    Effect.catchTag("CaptureError", ({ status, type, code, detail, retryAfterSeconds }) =>
      Effect.succeed(
        HttpServerResponse.jsonUnsafe(
          { type, code, detail, attr: null },
          {
            status,
            headers:
              retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` },
          },
        ),
      ),
    ),
    Effect.map(HttpServerResponse.setHeaders(corsHeaders(request))),
  )
