import * as DatabaseHistory from "@onymous/timetravel/history/DatabaseHistory"
import * as TimeTravel from "@onymous/timetravel/questions/TimeTravel"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Duration, Effect, Layer, Option } from "effect"
import {
  HttpEffect,
  HttpMiddleware,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse,
  type HttpServer,
} from "effect/http"
import { HttpApiBuilder } from "effect/http-api"
import { createServer } from "node:http"
import { Api } from "@onymous/api/Api"
import { EventLog } from "@onymous/log/EventLog"
import * as OperatorActions from "@onymous/projector/OperatorActions"
import * as Projector from "@onymous/projector/Projector"
import * as Health from "./http/Health.ts"
import * as MetricsPage from "./telemetry/MetricsPage.ts"
import * as KeyHandlers from "./api/KeyHandlers.ts"
import * as ProjectHandlers from "./api/ProjectHandlers.ts"
import * as BearerAuthorization from "./access/BearerAuthorization.ts"
import * as HostGuard from "./access/HostGuard.ts"
import * as Capture from "./capture/Capture.ts"
import * as CaptureRefusals from "./capture/CaptureRefusals.ts"
import * as Keys from "./access/Keys.ts"
import * as DocsPage from "./http/DocsPage.ts"
import * as NotFound from "./http/NotFound.ts"
import * as OperationHandlers from "./api/OperationHandlers.ts"
import * as StudioFiles from "./http/StudioFiles.ts"
import * as SecurityHeaders from "./http/SecurityHeaders.ts"
import * as Utf8 from "./http/Utf8.ts"
import { retryAfterSeconds } from "./capture/CaptureError.ts"
import * as LogHandlers from "./api/LogHandlers.ts"
import * as PastHandlers from "./api/PastHandlers.ts"
import * as SessionHandlers from "./page/SessionHandlers.ts"
import * as Sessions from "./access/Sessions.ts"
import * as LiveUpdates from "./page/LiveUpdates.ts"
import * as TimelineHandlers from "./page/TimelineHandlers.ts"
import * as SdkScripts from "./sdk/SdkScripts.ts"
import * as SdkStubs from "./sdk/SdkStubs.ts"
import * as RebuildHandlers from "./api/RebuildHandlers.ts"

const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([
    ProjectHandlers.layer,
    ProjectHandlers.layerAll,
    KeyHandlers.layer,
    OperationHandlers.layer,
    PastHandlers.layer,
    TimelineHandlers.layer,
    SessionHandlers.layer,
    SessionHandlers.layerActs,
    LogHandlers.layer,
    LogHandlers.layerImport,
  ]),
  Layer.provide([RebuildHandlers.layer, RebuildHandlers.layerAll]),
  Layer.provide([
    BearerAuthorization.layer,
    BearerAuthorization.operator,
    BearerAuthorization.questionErrors,
  ]),
)

/** Answers requests for an icon, which browsers send for each page, because they would report a 404. */
const noIcon = HttpRouter.add(
  "GET",
  "/favicon.ico",
  HttpServerResponse.empty({ headers: { "cache-control": "public, max-age=86400" } }),
)

/** The routes that pages of any origin may call. */
const open = [Capture.layer, SdkStubs.layer, SdkScripts.layer, Health.layer, noIcon] as const

/** The routes that pages of other origins may not call. */
const own = Layer.mergeAll(api, DocsPage.layer, StudioFiles.layer, MetricsPage.layer).pipe(
  Layer.provide(HostGuard.pages),
)

/** All routes. */
const routes = Layer.mergeAll(...open, own, NotFound.layer, HostGuard.hosts)

/** The seconds that a question waits for the persons. */
const followSeconds = 10

/** The longest log that a question about the whole project may fold in memory. */
const eventsMax = 500_000

const past = TimeTravel.layer.pipe(
  Layer.provideMerge(DatabaseHistory.layer({ eventsMax })),
  Layer.provideMerge(Projector.freshness(followSeconds)),
)

/** Logs defects by the path of their request. Request lines are not logged, because they contain tokens. */
const defectsLogged = HttpMiddleware.make((answer) =>
  Effect.tapCause(
    answer,
    Effect.fnUntraced(function* (failure) {
      const [response, cause] = HttpServerError.causeResponseStripped(failure)
      if (response.status !== 500 || Option.isNone(cause)) return
      const { method, url } = yield* HttpServerRequest.HttpServerRequest
      yield* Effect.logError(`${method} ${url.replace(/[?#].*/s, "")} failed`, cause.value)
    }),
  ),
)

/** Adds Retry-After to every 503, because the same request may succeed later. */
const retryTold = HttpMiddleware.make((answer) =>
  Effect.andThen(
    HttpEffect.appendPreResponseHandler((_, response) =>
      Effect.succeed(
        response.status === 503
          ? HttpServerResponse.setHeader(response, "retry-after", `${retryAfterSeconds}`)
          : response,
      ),
    ),
    answer,
  ),
)

/** How long an idle connection is kept by default: longer than balancers keep theirs. */
export const keepAliveByDefault = Duration.seconds(75)

/** How much longer than that an idle connection may take to send the headers of the next request. */
const headersGrace = Duration.seconds(5)

/** Node's own server, with limits so that it closes no connection before its client does. */
const createNodeServer = (keepAlive: Duration.Duration) => {
  const headers = Duration.max(Duration.sum(keepAlive, headersGrace), Duration.seconds(60))
  const server = createServer({
    keepAliveTimeout: Duration.toMillis(keepAlive),
    headersTimeout: Duration.toMillis(headers),
    requestTimeout: Duration.toMillis(Duration.max(headers, Duration.minutes(5))),
  })
  // A stopping server closes idle connections at once; one that becomes idle later has to be closed here.
  return server.on("request", (_, response) =>
    response.once("close", () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections())
    }),
  )
}

/** Ends the endless streams first when the server stops, because it waits for its responses. */
const endingLive = Layer.effectDiscard(
  Effect.flatMap(LiveUpdates.LiveUpdates, ({ end }) => Effect.addFinalizer(() => end)),
)

/** Where a server listens, its names, and the keys that open every project. */
export interface Options {
  readonly host: string
  readonly port: number
  readonly operatorKey?: string
  /** Further names of this server beside those of its machine. */
  readonly allowedHosts?: ReadonlyArray<string>
  readonly keepAlive?: Duration.Duration
  /** The lag in events beyond which captures are answered 429; no limit by default. */
  readonly maxLag?: number
  /** A key that opens the metrics alone. */
  readonly metricsKey?: string
  /** The lag in seconds beyond which the server is not ready; no limit by default. */
  readonly readyLag?: number
  /** A key that commands on the same machine find by themselves. */
  readonly localKey?: string
  /** A one-time code to sign in with. */
  readonly firstCode?: Sessions.FirstCode
}

/** Listens until the scope closes, and then lets running requests finish. */
export const layer = ({
  operatorKey,
  allowedHosts = [],
  keepAlive = keepAliveByDefault,
  maxLag,
  localKey,
  metricsKey,
  readyLag,
  firstCode,
  ...options
}: Options): Layer.Layer<
  HttpServer.HttpServer,
  HttpServerError.ServeError,
  EventLog | ReadModel | Projector.Projector
> =>
  HttpRouter.serve(
    Layer.provide(routes, [
      past,
      OperatorActions.layer,
      CaptureRefusals.layer,
      Sessions.layer(firstCode),
    ]),
    {
      disableListenLog: true,
      disableLogger: true,
      middleware: (answer) =>
        SecurityHeaders.set(retryTold(defectsLogged(Utf8.parameters(answer)))),
    },
  ).pipe(
    (served) => Layer.provideMerge(endingLive, served),
    Layer.provide(LiveUpdates.layer),
    Layer.provide(
      Layer.succeed(
        Keys.Operator,
        [operatorKey, localKey].flatMap((key) => (key === undefined ? [] : Keys.hash(key))),
      ),
    ),
    Layer.provide(
      Layer.succeed(
        MetricsPage.MetricsKeys,
        metricsKey === undefined ? [] : [Keys.hash(metricsKey)],
      ),
    ),
    Layer.provide(Layer.succeed(Health.ReadyLag, readyLag)),
    Layer.provide(Layer.succeed(Capture.MaxLag, maxLag)),
    Layer.provide(Layer.succeed(HostGuard.Names, { host: options.host, allowed: allowedHosts })),
    Layer.provideMerge(NodeHttpServer.layer(() => createNodeServer(keepAlive), options)),
  )
