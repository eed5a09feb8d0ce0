import type { ReadModel } from "@onymous/persons/ReadModel"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { Array as Arr, Context, Effect, type Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { EventLog, type EventLogError } from "@onymous/log/EventLog"
import type { PersonsError } from "@onymous/persons/PersonsError"
import * as RequestBody from "./RequestBody.ts"
import * as CaptureBody from "./CaptureBody.ts"
import {
  CaptureError,
  invalidField,
  invalidPayload,
  invalidToken,
  retryAfterSeconds,
} from "./CaptureError.ts"
import * as Cors from "../http/Cors.ts"
import * as CaptureProjects from "./CaptureProjects.ts"
import { CaptureRefusals } from "./CaptureRefusals.ts"
import type { Sender } from "./RefusalTally.ts"
import * as QueryParameters from "../http/QueryParameters.ts"
import * as WireEvent from "./WireEvent.ts"

const mebibyte = 1024 * 1024

/** The paths of capture, each with the most bytes of a body (posthog.md §7.1, §7.4). */
const paths = [
  { path: "/batch", bytesMax: 20 * mebibyte },
  { path: "/e", bytesMax: 2 * mebibyte },
  { path: "/i/v0/e", bytesMax: 2 * mebibyte },
  { path: "/capture", bytesMax: 2 * mebibyte },
  { path: "/track", bytesMax: 2 * mebibyte },
  { path: "/engage", bytesMax: 2 * mebibyte },
] as const

/** The header with the log's head after a request's events, with which a client can wait for their persons. */
export const positionHeader = "x-onymous-position"

/** The lag in events beyond which captures are answered 429; undefined for no limit. */
export const MaxLag = Context.Reference<number | undefined>("@onymous/server/MaxLag", {
  defaultValue: () => undefined,
})

/** The Retry-After of such an answer, because persons take seconds to catch up. */
const lagRetrySeconds = 5

/** 429: the persons of the project are further behind its log than the operator allows. */
const tooFarBehind = new CaptureError({
  status: 429,
  type: "throttled_error",
  code: "rate_limit_exceeded",
  detail: "The persons of this project are too far behind its events.",
  retryAfterSeconds: lagRetrySeconds,
})

/**
 * Takes events as PostHog's SDKs send them: the log has all events of a request that is answered 200, and none of any
 * other.
 */
export const layer: Layer.Layer<
  never,
  never,
  HttpRouter.HttpRouter | EventLog | ReadModel | CaptureRefusals
> = HttpRouter.addAll(
  Effect.gen(function* () {
    const log = yield* EventLog
    const doors = yield* CaptureProjects.make
    const refusals = yield* CaptureRefusals
    const services = { log, doors, refusals, maxLag: yield* MaxLag }
    return paths.flatMap(({ path, bytesMax }) => {
      const handler = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
        answer(capture(services, request, path === "/engage", bytesMax)),
      )
      return Cors.routes(["GET", "POST"], path, handler, [positionHeader])
    })
  }),
)

interface Services {
  readonly log: EventLog["Service"]
  readonly doors: CaptureProjects.Doors
  readonly refusals: CaptureRefusals["Service"]
  readonly maxLag: number | undefined
}

/** Reads the batch of a request, and notes its sender. */
const batchOf = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  query: URLSearchParams,
  bytesMax: number,
) {
  const body = yield* RequestBody.read(request, bytesMax).pipe(
    Effect.catchTag("HttpServerError", () => invalidPayload("The body could not be read.")),
  )
  const decoded = yield* Effect.promise(() =>
    CaptureBody.decode({
      body,
      query,
      contentType: request.headers["content-type"] ?? "",
      contentEncoding: request.headers["content-encoding"] ?? "",
    }),
  )
  return yield* Effect.fromResult(decoded)
})

const capture = Effect.fn("Capture")(function* (
  { log, doors, refusals, maxLag }: Services,
  request: HttpServerRequest.HttpServerRequest,
  isEngage: boolean,
  bytesMax: number,
) {
  const noted =
    (sender: Sender) =>
    <A>(effect: Effect.Effect<A, CaptureError>) =>
      Effect.tapError(effect, (error) => refusals.note(error, sender))
  const query = QueryParameters.of(request)
  const batch = yield* batchOf(request, query, bytesMax).pipe(noted({}))
  const project = yield* Effect.mapError(doors.projectOf(batch.token), refused)
  if (project === undefined) return yield* invalidToken.pipe(noted({ token: batch.token }))
  if (maxLag !== undefined && (yield* Effect.mapError(doors.lagOf(project), refused)) > maxLag) {
    return yield* tooFarBehind
  }
  yield* Effect.annotateCurrentSpan("onymous.project", project)
  const rules = yield* Effect.mapError(doors.rulesOf(project), refused)
  const turns = WireEvent.decodeAll(batch, isEngage, rules.distinct_id_precedence)
  const decoded = Effect.fromResult(yield* WorkInTurns.inBetween(turns))
  const events = yield* decoded.pipe(noted({ project }))
  const isBeacon = query.get("beacon") === "1"
  // Without events to append, the head stays where it is.
  if (!Arr.isReadonlyArrayNonEmpty(events)) {
    const { position } = yield* Effect.mapError(log.head(project), refused)
    return accepted(isBeacon, position)
  }
  yield* Effect.annotateCurrentSpan("onymous.events", events.length)
  const nameOf = (index: number) =>
    WireEvent.nameOf(batch, rules.distinct_id_precedence, index) || "event"
  const appended = yield* Effect.mapError(log.append(project, events), (error) =>
    error.reason._tag === "Unstorable"
      ? invalidField(nameOf(error.reason.index), `contents that can be stored. ${error.message}`)
      : refused(error),
  )
  return accepted(isBeacon, appended.position, {
    duplicates: events.length - appended.added,
    reused: appended.reused,
  })
})

/** The answer for a failed append, after which clients send the events again, with the same uuids. */
const refused = ({ reason }: EventLogError | PersonsError): CaptureError =>
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
        retryAfterSeconds,
      })

/** The numbers of events whose uuid the log had: with the same contents, and with others. */
interface Repeated {
  readonly duplicates: number
  readonly reused: number
}

const accepted = (
  isBeacon: boolean,
  position: number,
  { duplicates, reused }: Repeated = { duplicates: 0, reused: 0 },
) => {
  const headers = { [positionHeader]: `${position}` }
  return isBeacon
    ? HttpServerResponse.empty({ status: 204, headers })
    : HttpServerResponse.jsonUnsafe(
        { status: 1, ...(duplicates > 0 && { duplicates }), ...(reused > 0 && { reused }) },
        { headers },
      )
}

const answer = (
  captured: Effect.Effect<HttpServerResponse.HttpServerResponse, CaptureError>,
): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
  Effect.catchTag(
    captured,
    "CaptureError",
    ({ status, type, code, detail, attr = null, retryAfterSeconds }) =>
      Effect.succeed(
        HttpServerResponse.jsonUnsafe(
          { type, code, detail, attr },
          {
            status,
            headers: {
              ...(retryAfterSeconds !== undefined && { "retry-after": `${retryAfterSeconds}` }),
              // Closed, because the rest of a body that is too large must not be read as the next request.
              ...(status === 413 && { connection: "close" }),
            },
          },
        ),
      ),
  )
