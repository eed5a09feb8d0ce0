import * as DatabaseHistory from "@onymous/timetravel/history/DatabaseHistory"
import * as TimeTravel from "@onymous/timetravel/questions/TimeTravel"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Duration, Effect, Fiber, Layer, Option } from "effect"
import {
  HttpEffect,
  HttpMiddleware,
  HttpRouter,
  HttpServerError,
  HttpServerRequest,
  HttpServerResponse,
  type HttpServer,
} from "effect/http"
import { HttpApiBuilder, HttpApiScalar } from "effect/http-api"
import { createServer } from "node:http"
import { Api } from "@onymous/api/Api"
import { EventLog } from "@onymous/log/EventLog"
import * as OperatorActions from "@onymous/projector/OperatorActions"
import * as Projector from "@onymous/projector/Projector"
import * as ProjectHandlers from "./api/ProjectHandlers.ts"
import * as BearerAuthorization from "./access/BearerAuthorization.ts"
import * as Capture from "./capture/Capture.ts"
import * as Keys from "./access/Keys.ts"
import * as NotFound from "./http/NotFound.ts"
import * as OperationHandlers from "./api/OperationHandlers.ts"
import { page } from "./http/HomePage.ts"
import { retryAfterSeconds } from "./capture/CaptureError.ts"
import * as PastHandlers from "./api/PastHandlers.ts"
import * as SdkScripts from "./sdk/SdkScripts.ts"
import * as SdkStubs from "./sdk/SdkStubs.ts"
import * as RebuildHandlers from "./api/RebuildHandlers.ts"

const api = HttpApiBuilder.layer(Api, { openapiPath: "/openapi.json" }).pipe(
  Layer.provide([ProjectHandlers.layer, OperationHandlers.layer, PastHandlers.layer]),
  Layer.provide([RebuildHandlers.layer, RebuildHandlers.layerAll]),
  Layer.provide([
    BearerAuthorization.layer,
    BearerAuthorization.operator,
    BearerAuthorization.questionErrors,
  ]),
)

const docs = HttpApiScalar.layer(Api, { path: "/docs" })

/** A database that takes longer counts as down. */
const healthTimeout = Duration.seconds(5)

/** Up while the log takes events. */
const health = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const log = yield* EventLog
    const down = HttpServerResponse.jsonUnsafe({ status: "unavailable" }, { status: 503 })
    const up = HttpServerResponse.jsonUnsafe({ status: "ok" })
    // In a fiber of its own, because a silent connection is given up only at the limit of its statement.
    const ready = Effect.flatMap(Effect.forkDetach(log.ready), (fiber) =>
      Effect.timeout(Fiber.join(fiber), healthTimeout),
    )
    const answer = Effect.match(ready, { onFailure: () => down, onSuccess: () => up })
    yield* router.add("GET", "/health", answer)
    yield* router.add("GET", "/readyz", answer)
  }),
)

const home = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const log = yield* EventLog
    const projects = log.projects.pipe(
      Effect.timeout(healthTimeout),
      Effect.orElseSucceed(() => []),
    )
    yield* router.add(
      "GET",
      "/",
      Effect.fnUntraced(function* (request) {
        const [project] = yield* projects
        const html = page({ host: request.headers["host"] ?? "", token: project?.token })
        return HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8" })
      }),
    )
  }),
)

/** Everything that is answered over HTTP, on whatever server. */
const routes = Layer.mergeAll(
  Capture.layer,
  SdkStubs.layer,
  SdkScripts.layer,
  NotFound.layer,
  api,
  docs,
  health,
  home,
)

/** The seconds that a question waits for the persons. */
const followSeconds = 10

/** The longest log that is held in memory for a question about everyone. */
const eventsMax = 500_000

const past = TimeTravel.layer.pipe(
  Layer.provideMerge(DatabaseHistory.layer({ eventsMax })),
  Layer.provideMerge(Projector.freshness(followSeconds)),
)

/** Request lines hold tokens, and are not logged; what nobody foresaw is, by its path alone. */
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

/** What the database did not answer may be asked again: so says every door. */
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

/** Where a server listens, and the key that opens every project. */
export interface Options {
  readonly host: string
  readonly port: number
  readonly operatorKey?: string
}

/** Listens, and on the end of its scope lets requests that are under way finish. */
export const layer = ({
  operatorKey,
  ...options
}: Options): Layer.Layer<
  HttpServer.HttpServer,
  HttpServerError.ServeError,
  EventLog | ReadModel | Projector.Projector
> =>
  HttpRouter.serve(Layer.provide(routes, [past, OperatorActions.layer]), {
    disableListenLog: true,
    disableLogger: true,
    middleware: (answer) => retryTold(defectsLogged(answer)),
  }).pipe(
    Layer.provide(Layer.succeed(Keys.Operator, operatorKey && Keys.hash(operatorKey))),
    Layer.provideMerge(NodeHttpServer.layer(createServer, options)),
  )
